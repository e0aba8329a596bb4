export { createModulePreflight, imageFactsOf } from './createModulePreflight';
export { createPublicImages } from './createPublicImages';
export { deployPlanned, planDeploy } from './planDeploy';
export type { Deploy, DeployPlan } from './planDeploy';
export { refusalOf } from './refusalOf';
export type { ModulePreflight, PreflightSubject, PublicImages } from './types';
