import { usePermission } from '@backstage/plugin-permission-react';
import {
  wasiModuleDeletePermission,
  wasiModuleInvokePermission,
  wasiModuleLogsPermission,
  wasiModuleUpdatePermission,
} from '@wasi-functions/backstage-plugin-wasi-common';

/** Whether something is permitted; `asking` until the portal has answered. */
export type Permitted = 'yes' | 'no' | 'asking';

/** What the signed-in user may do with the modules of an entity. */
export interface ModulePermissions {
  mayUpdate: boolean;
  mayDelete: boolean;
  invoke: Permitted;
  logs: Permitted;
}

/** Asks the permission framework; nothing is allowed until it has answered. */
export function useModulePermissions(entityRef: string): ModulePermissions {
  return {
    mayUpdate: usePermitted(wasiModuleUpdatePermission, entityRef) === 'yes',
    mayDelete: usePermitted(wasiModuleDeletePermission, entityRef) === 'yes',
    invoke: usePermitted(wasiModuleInvokePermission, entityRef),
    logs: usePermitted(wasiModuleLogsPermission, entityRef),
  };
}

function usePermitted(
  permission: typeof wasiModuleUpdatePermission,
  resourceRef: string,
): Permitted {
  const { loading, allowed, error } = usePermission({
    permission,
    resourceRef,
  });
  // Where the portal cannot be asked, the backend still is with each call, and says no by itself.
  if (allowed || error) {
    return 'yes';
  }
  return loading ? 'asking' : 'no';
}
