export { WasiRegistryPicker } from './WasiRegistryPicker';
