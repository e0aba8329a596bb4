export { ModuleYaml } from './ModuleYaml';
