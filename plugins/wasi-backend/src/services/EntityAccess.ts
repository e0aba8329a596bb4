import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  AuthorizeResult,
  type ResourcePermission,
} from '@backstage/plugin-permission-common';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * Answers with an entity to callers that have a permission on it.
 *
 * Both the decision and the catalog judge the caller's own credentials.
 *
 * @internal
 */
export class EntityAccess {
  readonly #catalog: CatalogService;
  readonly #permissions: PermissionsService;

  constructor(options: {
    catalog: CatalogService;
    permissions: PermissionsService;
  }) {
    this.#catalog = options.catalog;
    this.#permissions = options.permissions;
  }

  async require(options: {
    entityRef: string;
    permission: ResourcePermission;
    credentials: BackstageCredentials;
  }): Promise<Entity> {
    const { entityRef, permission, credentials } = options;
    // Beside the decision, which counts first: both take the catalog's and the policy's time.
    const reading = this.#catalog.getEntityByRef(entityRef, { credentials });
    reading.catch(() => {
      // Told below, unless the answer is a denial.
    });
    const [decision] = await this.#permissions.authorize(
      [{ permission, resourceRef: entityRef }],
      { credentials },
    );
    if (decision.result !== AuthorizeResult.ALLOW) {
      throw new WasiError('PERMISSION_DENIED', {
        message: `Permission ${permission.name} on ${entityRef} is denied.`,
      });
    }
    const entity = await reading;
    if (!entity) {
      throw new WasiError('ENTITY_NOT_FOUND', {
        message: `There is no entity ${entityRef}.`,
      });
    }
    return entity;
  }
}
