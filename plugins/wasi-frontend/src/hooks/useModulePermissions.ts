import { usePermission } from '@backstage/plugin-permission-react';
import {
  wasiModuleDeletePermission,
  wasiModuleInvokePermission,
} from '@wasi-functions/backstage-plugin-wasi-common';

/** What the signed-in user may do with the modules of an entity. */
export interface ModulePermissions {
  mayDelete: boolean;
  mayInvoke: boolean;
}

/** Asks the permission framework; not allowed until it has answered. */
export function useModulePermissions(entityRef: string): ModulePermissions {
  const remove = usePermission({
    permission: wasiModuleDeletePermission,
    resourceRef: entityRef,
  });
  const invoke = usePermission({
    permission: wasiModuleInvokePermission,
    resourceRef: entityRef,
  });
  return { mayDelete: remove.allowed, mayInvoke: invoke.allowed };
}
