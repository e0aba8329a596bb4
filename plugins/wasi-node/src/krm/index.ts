export type { KrmResource } from './resourceList';
export { formatKrmResult } from './runKrmFunction';
export { runFolderPipeline } from './runFolderPipeline';
export { runModulePipeline } from './runModulePipeline';
export type { KrmFunction, KrmLimits, KrmPipeline, KrmResult } from './types';
