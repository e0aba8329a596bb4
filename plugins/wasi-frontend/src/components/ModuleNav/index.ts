export { ModuleNav } from './ModuleNav';
