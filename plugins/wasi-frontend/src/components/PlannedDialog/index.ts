export { PlannedDialog } from './PlannedDialog';
