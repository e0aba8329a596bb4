export { createWorkspaceStore } from './createWorkspaceStore';
