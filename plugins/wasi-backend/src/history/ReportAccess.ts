import type { AuthService } from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { ResourcePermission } from '@backstage/plugin-permission-common';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Caller } from '../services/Callers';
import type { EntityAccess } from '../services/EntityAccess';

/**
 * Lets in reports of the scaffolder alone, for users who may change the entity.
 *
 * An entity that is not in the catalog yet has no permissions; then the
 * module's own annotation in the cluster decides.
 *
 * @internal
 */
export class ReportAccess {
  readonly #auth: AuthService;
  readonly #catalog: CatalogService;
  readonly #access: EntityAccess;

  constructor(options: {
    auth: AuthService;
    catalog: CatalogService;
    access: EntityAccess;
  }) {
    this.#auth = options.auth;
    this.#catalog = options.catalog;
    this.#access = options.access;
  }

  async require(
    entityRef: string,
    caller: Caller,
    permission: () => Promise<ResourcePermission>,
  ): Promise<void> {
    // Told by the portal's credentials, which nobody else can make.
    if (caller.origin !== 'template') {
      throw new WasiError('PERMISSION_DENIED', {
        message:
          'Only the scaffolder reports deployments, on behalf of a user.',
      });
    }
    // Its own credentials: an entity that the user may not see exists all the same.
    const credentials = await this.#auth.getOwnServiceCredentials();
    if (await this.#catalog.getEntityByRef(entityRef, { credentials })) {
      await this.#access.require({
        entityRef,
        permission: await permission(),
        credentials: caller.credentials,
      });
    }
  }
}
