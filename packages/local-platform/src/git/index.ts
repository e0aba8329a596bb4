export { startGitHost } from './startGitHost';
export type { GitHost, GitHostOptions } from './startGitHost';
