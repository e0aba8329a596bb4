export { RedeployDialog } from './RedeployDialog';
