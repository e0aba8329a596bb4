/* Loaded as one, because a form has several of them, made of the same parts. */
export { default as networkPermissionsField } from './networkPermissionsField';
export { default as registryPickerField } from './registryPickerField';
export { default as runtimePickerField } from './runtimePickerField';
