import type {
  BackstageCredentials,
  BackstageUserPrincipal,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  AuthorizeResult,
  type ResourcePermission,
} from '@backstage/plugin-permission-common';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { LeastRecentlyUsed } from './LeastRecentlyUsed';

// As long as the portal itself keeps who a user is.
const KEPT_MS = 5_000;
const MAX_KEPT = 2_000;

interface EntityRequest {
  entityRef: string;
  permission: ResourcePermission;
  credentials: BackstageCredentials;
}

/**
 * Answers with an entity to callers that have a permission on it.
 *
 * Both the decision and the catalog judge the caller's own credentials. What a
 * user may read is kept for five seconds, since open pages ask again with each
 * change; what changes something is decided each time.
 *
 * @internal
 */
export class EntityAccess {
  readonly #catalog: CatalogService;
  readonly #permissions: PermissionsService;
  readonly #now: () => number;
  readonly #readable = new LeastRecentlyUsed<{
    until: number;
    entity: Promise<Entity>;
  }>(MAX_KEPT);

  constructor(options: {
    catalog: CatalogService;
    permissions: PermissionsService;
    now?: () => number;
  }) {
    this.#catalog = options.catalog;
    this.#permissions = options.permissions;
    this.#now = options.now ?? (() => performance.now());
  }

  async require(request: EntityRequest): Promise<Entity> {
    const key = keyOf(request);
    if (!key) {
      return this.#ask(request);
    }
    const kept = this.#readable.get(key);
    if (kept && this.#now() < kept.until) {
      return kept.entity;
    }
    const entity = this.#ask(request);
    this.#readable.set(key, { until: this.#now() + KEPT_MS, entity });
    entity.catch(() => {
      // Told to the caller; a refusal may be mended at any moment, so it is not kept.
      if (this.#readable.get(key)?.entity === entity) {
        this.#readable.delete(key);
      }
    });
    return entity;
  }

  async #ask(request: EntityRequest): Promise<Entity> {
    const { entityRef, permission, credentials } = request;
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

/** Of a user's reads; services may have restrictions of their own. */
function keyOf(request: EntityRequest): string | undefined {
  const principal = request.credentials.principal as {
    type?: string;
  } & Partial<BackstageUserPrincipal>;
  return request.permission.attributes.action === 'read' &&
    principal.type === 'user' &&
    !principal.actor
    ? JSON.stringify([
        principal.userEntityRef,
        request.permission.name,
        request.entityRef,
      ])
    : undefined;
}
