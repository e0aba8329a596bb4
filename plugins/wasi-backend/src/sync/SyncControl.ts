import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import {
  readSyncRequest,
  WasiError,
  type SyncView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { SyncReader } from './SyncReader';
import type { SyncStore } from './SyncStore';

/**
 * Suspends, resumes and starts the deploys of an entity from the catalog.
 *
 * @internal
 */
export class SyncControl {
  readonly #reader: SyncReader;
  readonly #store: SyncStore;
  readonly #start: () => void;
  readonly #now: () => Date;

  constructor(options: {
    reader: SyncReader;
    store: SyncStore;
    /** Has the leader run soon; does not wait for it. */
    start: () => void;
    now: () => Date;
  }) {
    this.#reader = options.reader;
    this.#store = options.store;
    this.#start = options.start;
    this.#now = options.now;
  }

  read(entity: Entity): Promise<SyncView> {
    return this.#reader.view(entity);
  }

  async suspend(
    entity: Entity,
    options: { by: string; reason?: string },
  ): Promise<SyncView> {
    const entityRef = asking(entity);
    await this.#store.suspend(entityRef, {
      by: options.by,
      at: this.#now().toISOString(),
      reason: options.reason,
    });
    return this.read(entity);
  }

  async resume(entity: Entity): Promise<SyncView> {
    await this.#store.resume(
      stringifyEntityRef(entity),
      this.#now().toISOString(),
    );
    const view = await this.read(entity);
    // One that does not ask any more may still be freed.
    return view.enabled ? this.run(entity) : view;
  }

  async run(entity: Entity): Promise<SyncView> {
    const entityRef = asking(entity);
    const view = await this.read(entity);
    if (view.enabled) {
      await this.#store.request(entityRef, this.#now().toISOString());
      this.#start();
    }
    return view;
  }
}

function asking(entity: Entity): string {
  const entityRef = stringifyEntityRef(entity);
  if (!readSyncRequest(entity).asked) {
    throw new WasiError('SYNC_NOT_ASKED', {
      message: `${entityRef} is not deployed from the catalog.`,
    });
  }
  return entityRef;
}
