export { waitForModule } from './waitForModule';
export type { WaitForModuleOptions } from './types';
