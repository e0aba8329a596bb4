import { createPermission } from '@backstage/plugin-permission-common';
import { RESOURCE_TYPE_CATALOG_ENTITY } from '@backstage/plugin-catalog-common/alpha';

/** Read modules, their status, artifact and events. @public */
export const wasiModuleReadPermission = createPermission({
  name: 'wasi.module.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_CATALOG_ENTITY,
});
/** Create a module for an entity. @public */
export const wasiModuleCreatePermission = createPermission({
  name: 'wasi.module.create',
  attributes: { action: 'create' },
  resourceType: RESOURCE_TYPE_CATALOG_ENTITY,
});
/** Replace or patch a module. @public */
export const wasiModuleUpdatePermission = createPermission({
  name: 'wasi.module.update',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_CATALOG_ENTITY,
});
/** Delete a module. @public */
export const wasiModuleDeletePermission = createPermission({
  name: 'wasi.module.delete',
  attributes: { action: 'delete' },
  resourceType: RESOURCE_TYPE_CATALOG_ENTITY,
});
/** Send a request to a module through the portal. @public */
export const wasiModuleInvokePermission = createPermission({
  name: 'wasi.module.invoke',
  attributes: {},
  resourceType: RESOURCE_TYPE_CATALOG_ENTITY,
});
/** Read what a module and its runner wrote. @public */
export const wasiModuleLogsPermission = createPermission({
  name: 'wasi.module.logs',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_CATALOG_ENTITY,
});

/** All permissions of the plugin. @public */
export const wasiPermissions = [
  wasiModuleReadPermission,
  wasiModuleCreatePermission,
  wasiModuleUpdatePermission,
  wasiModuleDeletePermission,
  wasiModuleInvokePermission,
  wasiModuleLogsPermission,
];
