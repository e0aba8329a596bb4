export { formatAge } from './formatAge';
export { formatBytes } from '@wasi-functions/backstage-plugin-wasi-common';
export { formatDuration } from './formatDuration';
export { moduleKey } from './moduleKey';
