export { ModuleLog } from './ModuleLog';
