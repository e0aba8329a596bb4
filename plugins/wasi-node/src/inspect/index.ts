export { checkModule } from './checkModule';
export { inspectBytes, inspectModule } from './inspectModule';
