import type { PermissionsService } from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  WasiError,
  wasiModuleUpdatePermission,
} from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * Judges the user who started the task, where the entity exists already. A new
 * entity has no owner yet; then the module's own annotation decides, see `deployModule`.
 *
 * @internal
 */
export async function assertMayDeploy(
  entityRef: string,
  options: {
    catalog: CatalogService;
    permissions: PermissionsService;
    credentials: Parameters<PermissionsService['authorize']>[1]['credentials'];
  },
): Promise<void> {
  const { catalog, permissions, credentials } = options;
  const entity = await catalog.getEntityByRef(entityRef, { credentials });
  if (!entity) {
    return;
  }
  const [decision] = await permissions.authorize(
    [{ permission: wasiModuleUpdatePermission, resourceRef: entityRef }],
    { credentials },
  );
  if (decision.result !== AuthorizeResult.ALLOW) {
    throw new WasiError('PERMISSION_DENIED', {
      message: `You may not deploy modules of ${entityRef}: permission ${wasiModuleUpdatePermission.name} is denied.`,
    });
  }
}
