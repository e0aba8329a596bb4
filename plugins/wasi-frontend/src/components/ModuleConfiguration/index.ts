export { ModuleConfiguration } from './ModuleConfiguration';
