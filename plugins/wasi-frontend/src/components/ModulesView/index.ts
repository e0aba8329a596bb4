export { ModulesView } from './ModulesView';
export type { ModulesViewProps } from './ModulesView';
