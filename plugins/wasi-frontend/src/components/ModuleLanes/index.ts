export { ModuleLanes } from './ModuleLanes';
export { needsLanes } from './toLanes';
