export { SyncPanel } from './SyncPanel';
export { SyncSummary } from './SyncSummary';
