export { startRunner, type Runner, type RunnerOptions } from './startRunner';
