export { openWorkspaceStore } from './openWorkspaceStore';
