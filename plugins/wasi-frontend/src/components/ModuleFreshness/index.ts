export { ModuleFreshness } from './ModuleFreshness';
