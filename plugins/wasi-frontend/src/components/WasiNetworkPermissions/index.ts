export { validateNetwork } from './validateNetwork';
export { WasiNetworkPermissions } from './WasiNetworkPermissions';
