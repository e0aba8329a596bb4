import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  FIELD_MANAGER,
  type ModuleRef,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { LatestChanges } from '../history/LatestChanges';
import type { StoredDeployment } from '../history/types';
import { isByHand, reasonOf } from './byHand';
import { fingerprintOf } from './compareModule';
import type { Suspension, SyncRecord, SyncStore } from './SyncStore';

/** What is about to be deployed over. @internal */
export interface DeployedOver {
  entityRef: string;
  ref: ModuleRef;
  live?: WasmModule;
  /** Who changed it last, as the cluster tells. */
  manager?: string;
  previous?: SyncRecord;
}

/**
 * Tells whether what others do to a module keeps it from being deployed.
 *
 * @internal
 */
export class HandChanges {
  readonly #changes: LatestChanges;
  readonly #store: Pick<SyncStore, 'suspension' | 'suspend' | 'resumedAt'>;
  readonly #logger: LoggerService;
  readonly #now: () => Date;

  constructor(options: {
    changes: LatestChanges;
    store: Pick<SyncStore, 'suspension' | 'suspend' | 'resumedAt'>;
    logger: LoggerService;
    now: () => Date;
  }) {
    this.#changes = options.changes;
    this.#store = options.store;
    this.#logger = options.logger;
    this.#now = options.now;
  }

  /** To be asked after the module was read, and before it is applied as it was read. */
  async check(
    over: DeployedOver,
  ): Promise<{ underway?: StoredDeployment; suspension?: Suspension }> {
    const { entityRef, ref } = over;
    const { underway, last } = await this.#changes.of(ref);
    const suspension = await this.#store.suspension(entityRef);
    if (underway || suspension) {
      return { underway, suspension };
    }
    const change = findHandChange({
      ...over,
      last,
      resumedAt: await this.#store.resumedAt(entityRef),
    });
    if (!change) {
      return {};
    }
    const made = { ...change, at: this.#now().toISOString() };
    await this.#store.suspend(entityRef, made);
    this.#logger.info(
      `Deploys of ${entityRef} from the catalog are suspended: ${made.by} has changed ${ref.namespace}/${ref.name} by hand.`,
    );
    return { suspension: made };
  }
}

/**
 * A change by hand that did not suspend the deploys of its entity when it was
 * made: before the first look, or while they were switched off.
 */
function findHandChange(
  options: DeployedOver & {
    /** What the history knows of last. */
    last?: StoredDeployment;
    /** When somebody last said to go on, whatever was done before. */
    resumedAt?: string;
  },
): Omit<Suspension, 'at'> | undefined {
  const { ref, live, previous, last, resumedAt = '' } = options;
  if (previous?.liveFingerprint === fingerprintOf(live)) {
    return undefined;
  }
  if (
    last &&
    isByHand(last) &&
    last.startedAt > resumedAt &&
    (last.action === 'delete') === (live === undefined)
  ) {
    return { by: last.actor, reason: reasonOf(last) };
  }
  const manager = live && !previous && foreignManagerOf({ ...options, live });
  return manager
    ? { by: manager, reason: reasonOf({ ref, action: 'update' }) }
    : undefined;
}

function foreignManagerOf(options: {
  live: WasmModule;
  manager?: string;
  last?: StoredDeployment;
}): string | undefined {
  const { last, live } = options;
  const { uid, generation = 1 } = live.metadata;
  const isLast = last?.uid === uid && (last?.generation ?? 0) >= generation;
  if (isLast && last?.origin !== 'cluster') {
    return undefined;
  }
  const manager = isLast ? last?.actor : options.manager;
  // Each entity has a field manager of the portal: `backstage-wasi:…`.
  return manager?.split(':')[0] === FIELD_MANAGER ? undefined : manager;
}
