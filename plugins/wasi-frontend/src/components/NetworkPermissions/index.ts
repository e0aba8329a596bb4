export { NetworkPermissions } from './NetworkPermissions';
