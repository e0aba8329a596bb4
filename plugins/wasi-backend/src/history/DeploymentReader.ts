import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import {
  diffModules,
  WasiError,
  type Deployment,
  type DeploymentListAnswer,
  type DeploymentView,
  type FieldChange,
  type ModuleRef,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ClusterCaller } from '@wasi-functions/backstage-plugin-wasi-node';
import { maskEnv } from '../services/maskEnv';
import type { DeploymentCursor, DeploymentStore } from './DeploymentStore';
import { inTime } from './inTime';
import { readCursor, writeCursor } from './listCursor';
import type { SecretVault } from './SecretVault';
import type { StoredDeployment } from './types';

type LiveReader = (
  ref: ModuleRef,
  caller?: ClusterCaller,
) => Promise<WasmModule | undefined>;

/** Reads the deployments of an entity as the portal shows them. @internal */
export class DeploymentReader {
  readonly #store: DeploymentStore;
  readonly #vault: SecretVault;
  readonly #live: LiveReader;
  readonly #timeoutMs: number;

  constructor(options: {
    store: DeploymentStore;
    vault: SecretVault;
    /** What the cluster has now. */
    live: LiveReader;
    timeoutMs: number;
  }) {
    this.#store = options.store;
    this.#vault = options.vault;
    this.#live = options.live;
    this.#timeoutMs = options.timeoutMs;
  }

  async list(
    entity: Entity,
    query: { ref: Partial<ModuleRef>; limit: number; cursor?: string },
  ): Promise<DeploymentListAnswer> {
    const { ref, limit, cursor } = query;
    const before: DeploymentCursor | undefined =
      cursor === undefined ? undefined : readCursor(cursor);
    const found = await this.#read(
      // One more than asked for tells whether there is another page.
      this.#store.list({
        entity: refOf(entity),
        ref,
        limit: limit + 1,
        before,
      }),
    );
    const items = found.slice(0, limit);
    return {
      items: items.map(toDeployment),
      ...(found.length > limit && { next: writeCursor(items.at(-1)!) }),
    };
  }

  async get(entity: Entity, id: string): Promise<DeploymentView> {
    const stored = await this.require(entity, id);
    const previous = await this.#read(this.#store.previous(stored));
    const module = this.moduleOf(stored);
    return {
      deployment: toDeployment(stored),
      ...(module && { module: maskEnv(module) }),
      changes: diffModules(previous && this.moduleOf(previous), module),
    };
  }

  /** From a deployment to another one, or to what the cluster has now. */
  async diff(
    entity: Entity,
    id: string,
    other: string,
    caller?: ClusterCaller,
  ): Promise<FieldChange[]> {
    const stored = await this.require(entity, id);
    const after =
      other === 'live'
        ? await this.#live(stored.ref, caller)
        : this.moduleOf(await this.require(entity, other));
    return diffModules(this.moduleOf(stored), after);
  }

  /** A deployment of this entity alone. */
  async require(entity: Entity, id: string): Promise<StoredDeployment> {
    const stored = await this.#read(this.#store.get(id));
    if (!stored || stored.entity !== refOf(entity)) {
      throw new WasiError('DEPLOYMENT_NOT_FOUND', {
        message: `${stringifyEntityRef(entity)} has no deployment ${id}.`,
      });
    }
    return stored;
  }

  /** What was deployed, with secrets as far as they are kept; nothing for a delete. */
  moduleOf({ manifest, secrets }: StoredDeployment): WasmModule | undefined {
    return manifest === undefined
      ? undefined
      : this.#vault.open({ manifest, secrets });
  }

  async #read<T>(reading: Promise<T>): Promise<T> {
    try {
      return await inTime(reading, this.#timeoutMs);
    } catch (error) {
      reading.catch(() => {
        // It was told that it cannot be read.
      });
      throw new WasiError('HISTORY_UNAVAILABLE', {
        message: 'The deploy history could not be read.',
        cause: error,
      });
    }
  }
}

/** What leaves the backend of what is stored. */
function toDeployment(stored: StoredDeployment): Deployment {
  const {
    uid,
    base,
    manifest,
    secrets,
    onceKey,
    backend,
    beat,
    appliedAt,
    ...deployment
  } = stored;
  return deployment;
}

function refOf(entity: Entity): string {
  return stringifyEntityRef(entity).toLocaleLowerCase('en-US');
}
