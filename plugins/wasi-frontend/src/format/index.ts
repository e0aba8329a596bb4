export { formatAge } from './formatAge';
export { formatBytes } from './formatBytes';
export { formatDuration } from './formatDuration';
export { moduleKey } from './moduleKey';
