import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  isWasiError,
  readSyncRequest,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  checkModuleOwner,
  type Clusters,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { recorded } from '../history/DeploymentRecorder';
import type { DeploymentLog } from '../history/types';
import { keyOf } from './keyOf';
import type { SyncConfig } from './readSyncConfig';
import type { SyncRecord, SyncStore } from './SyncStore';

/**
 * What becomes of modules whose entity, annotation or environment is gone.
 *
 * A catalog that is being filled or repaired answers less than there is, so
 * only what stays away for several reads counts, and the catalog is asked for
 * the entity by its name before anything is deleted.
 *
 * @internal
 */
export class Removals {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #clusters: Clusters;
  readonly #store: SyncStore;
  readonly #deployments: DeploymentLog;
  readonly #logger: LoggerService;
  readonly #config: Pick<
    SyncConfig,
    'onRemoval' | 'removalReads' | 'maxDeletesPerRun'
  >;

  constructor(options: {
    catalog: CatalogService;
    auth: AuthService;
    clusters: Clusters;
    store: SyncStore;
    deployments: DeploymentLog;
    logger: LoggerService;
    config: Pick<SyncConfig, 'onRemoval' | 'removalReads' | 'maxDeletesPerRun'>;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#clusters = options.clusters;
    this.#store = options.store;
    this.#deployments = options.deployments;
    this.#logger = options.logger;
    this.#config = options.config;
  }

  /** Counts one whole read of the catalog; `asked` is what it had. */
  async count(options: {
    records: SyncRecord[];
    asked: ReadonlySet<string>;
    signal: AbortSignal;
  }): Promise<void> {
    const { records, asked, signal } = options;
    const gone: SyncRecord[] = [];
    for (const record of records) {
      if (asked.has(keyOf(record.entity, record.environment))) {
        if (record.missingReads > 0) {
          await this.#store.setMissingReads(record, 0);
        }
      } else if (record.missingReads + 1 < this.#config.removalReads) {
        await this.#store.setMissingReads(record, record.missingReads + 1);
      } else {
        gone.push(record);
      }
    }
    let deletes = 0;
    for (const record of gone) {
      signal.throwIfAborted();
      if (this.#config.onRemoval === 'orphan' || !record.deployed) {
        await this.#orphan(record);
      } else if (deletes < this.#config.maxDeletesPerRun) {
        deletes += (await this.#delete(record, signal)) ? 1 : 0;
      }
    }
  }

  async #orphan(record: SyncRecord): Promise<void> {
    if (record.missingReads >= this.#config.removalReads) {
      // Told before.
      return;
    }
    await this.#store.save({
      ...record,
      state: 'unknown',
      message:
        'The entity does not ask for this environment any more; what runs was left as it is.',
      code: undefined,
      remedy: undefined,
      drift: [],
      missingReads: this.#config.removalReads,
      nextRunAt: undefined,
    });
    this.#logger.info(
      `${nameOf(record)} is orphaned: ${record.entity} does not ask for ${
        record.environment
      } any more, and the module was left as it is.`,
    );
  }

  /** True where a module was deleted. */
  async #delete(record: SyncRecord, signal: AbortSignal): Promise<boolean> {
    const { entity, environment, ref } = record;
    if (await this.#stillAsked(record)) {
      await this.#store.setMissingReads(record, 0);
      return false;
    }
    if (await this.#store.suspension(entity)) {
      await this.#orphan(record);
      return false;
    }
    try {
      const client = this.#clusters.client(ref.cluster);
      const module = await client.get(ref, { signal });
      checkModuleOwner(module, entity);
      await recorded(
        this.#deployments,
        {
          entity,
          ref,
          action: 'delete',
          origin: 'catalog',
          actor: record.source.url,
          before: module,
        },
        () => client.delete(ref, { uid: module.metadata.uid, signal }),
      );
      await this.#store.remove(record);
      this.#logger.warn(
        `${nameOf(
          record,
        )} was deleted: ${entity} is gone from the catalog, or does not ask for ${environment} any more.`,
      );
      return true;
    } catch (error) {
      if (!isWasiError(error)) {
        throw error;
      }
      if (
        error.code === 'MODULE_NOT_FOUND' ||
        error.code === 'MODULE_OWNED_BY_OTHER'
      ) {
        await this.#store.remove(record);
        return false;
      }
      // Stays, so that the next run tries again.
      await this.#store.save({
        ...record,
        state: 'failed',
        message: `The module could not be deleted: ${error.message}`,
        code: error.code,
        remedy: error.remedy,
      });
      this.#logger.warn(
        `${nameOf(record)} could not be deleted: ${error.message}`,
      );
      return false;
    }
  }

  async #stillAsked({ entity, environment }: SyncRecord): Promise<boolean> {
    const found = await this.#catalog.getEntityByRef(entity, {
      credentials: await this.#auth.getOwnServiceCredentials(),
    });
    if (!found) {
      return false;
    }
    const request = readSyncRequest(found);
    // What cannot be read is no wish to delete.
    return (
      request.findings.length > 0 ||
      (request.asked &&
        request.targets.some(target => target.environment === environment))
    );
  }
}

function nameOf({ ref }: SyncRecord): string {
  return `WasmModule ${ref.namespace}/${ref.name} on cluster "${ref.cluster}"`;
}
