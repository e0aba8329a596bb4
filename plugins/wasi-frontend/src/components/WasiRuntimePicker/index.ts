export { validateRuntime } from './validateRuntime';
export { WasiRuntimePicker } from './WasiRuntimePicker';
export type { WasiRuntimePickerOptions } from './WasiRuntimePicker';
