export { wasmEntityCard } from './entityCard';
export { wasmEntityContent } from './entityContent';
export {
  networkPermissionsField,
  registryPickerField,
  runtimePickerField,
} from './formFields';
export { wasiApi } from './wasiApi';
