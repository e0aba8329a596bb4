export { answeredMs } from './answeredMs';
export { formatAge } from './formatAge';
export { formatBytes } from '@wasi-functions/backstage-plugin-wasi-common';
export { formatDuration } from './formatDuration';
export { heardMs } from './heardMs';
export { moduleKey } from './moduleKey';
