import { FormFieldBlueprint } from '@backstage/plugin-scaffolder-react/alpha';

/** `ui:field: WasiRuntimePicker`. */
export const runtimePickerField = FormFieldBlueprint.make({
  name: 'runtime-picker',
  params: {
    field: async () => (await import('./fieldChunk')).runtimePickerField,
  },
});

/** `ui:field: WasiNetworkPermissions`. */
export const networkPermissionsField = FormFieldBlueprint.make({
  name: 'network-permissions',
  params: {
    field: async () => (await import('./fieldChunk')).networkPermissionsField,
  },
});

/** `ui:field: WasiRegistryPicker`. */
export const registryPickerField = FormFieldBlueprint.make({
  name: 'registry-picker',
  params: {
    field: async () => (await import('./fieldChunk')).registryPickerField,
  },
});
