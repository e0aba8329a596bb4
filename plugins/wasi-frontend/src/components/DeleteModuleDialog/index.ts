export { DeleteModuleDialog } from './DeleteModuleDialog';
