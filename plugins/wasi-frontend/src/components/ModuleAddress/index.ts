export { ModuleAddress } from './ModuleAddress';
