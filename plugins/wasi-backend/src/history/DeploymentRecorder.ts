import { randomUUID } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  isWasiError,
  WasiError,
  type WasiErrorCode,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { DeploymentEnd, DeploymentStore } from './DeploymentStore';
import { inTime } from './inTime';
import { goneKey } from './onceKeys';
import type { SecretVault } from './SecretVault';
import type {
  DeploymentLog,
  DeploymentStart,
  OpenDeployment,
  ReportedLog,
  StoredDeployment,
} from './types';

/** After these, the change may have reached the cluster all the same. */
const WITHOUT_ANSWER: readonly WasiErrorCode[] = [
  'CLUSTER_UNREACHABLE',
  'CLUSTER_UNEXPECTED',
];

/** A change of a row that the database has not taken yet. */
interface Owed {
  id: string;
  write: () => Promise<unknown>;
}

/**
 * Writes down each change before it is made, and after it what the cluster said.
 *
 * What the database does not take after the change is kept and written later;
 * where this backend ends before that, another one asks the cluster.
 *
 * @internal
 */
export class DeploymentRecorder implements ReportedLog {
  /** Names this process in rows that it writes. */
  readonly backend: string = randomUUID();
  readonly #store: DeploymentStore;
  readonly #vault: SecretVault;
  readonly #logger: LoggerService;
  readonly #now: () => Date;
  readonly #timeoutMs: number;
  readonly #open = new Set<string>();
  #onApplied: () => void = () => {};
  #owed: Owed[] = [];

  constructor(options: {
    store: DeploymentStore;
    vault: SecretVault;
    logger: LoggerService;
    now: () => Date;
    /** How long a change waits for the database. */
    timeoutMs: number;
  }) {
    this.#store = options.store;
    this.#vault = options.vault;
    this.#logger = options.logger;
    this.#now = options.now;
    this.#timeoutMs = options.timeoutMs;
  }

  async begin(start: DeploymentStart): Promise<OpenDeployment> {
    const deployment = this.#toDeployment(start);
    const inserting = this.#insert(deployment);
    try {
      const { id, isOpen } = await inTime(inserting, this.#timeoutMs);
      if (isOpen) {
        this.#open.add(id);
      }
      return this.#opened(id);
    } catch (error) {
      if (start.action === 'delete') {
        this.#logger.warn(
          `The deletion of ${nameOf(start)} is written to the history later`,
          error as Error,
        );
        return this.#unwritten(deployment);
      }
      // A late row has nobody who writes, so that the cluster is asked, which has nothing of it.
      inserting.catch(() => {
        // Told below.
      });
      throw new WasiError('HISTORY_UNAVAILABLE', {
        message: `${nameOf(
          start,
        )} was not changed, because the deploy history could not be written.`,
        cause: error,
      });
    }
  }

  /** Calls it whenever there is something to follow. */
  whenApplied(call: () => void): void {
    this.#onApplied = call;
  }

  /** Tells other backends that the changes of this one are still on their way. */
  async beat(): Promise<void> {
    if (this.#open.size > 0) {
      await this.#store.beat([...this.#open], this.backend);
    }
  }

  /** Takes on a change that another backend or the scaffolder has left. */
  adopt(id: string): OpenDeployment {
    this.#open.add(id);
    return this.#opened(id);
  }

  /** Leaves a change to somebody else, who has so long to tell of it as a dead backend has. */
  leave(id: string): void {
    this.#open.delete(id);
  }

  /** Tells whether this backend still works on a change. */
  isOpen(id: string): boolean {
    return this.#open.has(id);
  }

  /** Writes what the database did not take before; stops at the first failure. */
  async settleOwed(): Promise<void> {
    while (this.#owed.length > 0) {
      const [{ id, write }] = this.#owed;
      await inTime(write(), this.#timeoutMs);
      this.#owed.shift();
      this.#open.delete(id);
    }
  }

  async #insert(
    deployment: StoredDeployment,
  ): Promise<{ id: string; isOpen: boolean }> {
    if (await this.#store.insert(deployment)) {
      return { id: deployment.id, isOpen: true };
    }
    const first = await this.#store.findByKey(deployment.onceKey!);
    if (!first) {
      throw new Error('A row was removed while it was looked for.');
    }
    return {
      id: first.id,
      isOpen: await this.#store.reopen(first.id, this.backend),
    };
  }

  #opened(id: string): OpenDeployment {
    return {
      id,
      applied: async module => {
        const applied = {
          at: this.#now().toISOString(),
          ...(module && {
            uid: module.metadata.uid,
            generation: module.metadata.generation,
            image: module.spec.image,
            ...this.#vault.seal(module),
          }),
        };
        await this.#write(id, () => this.#store.applied(id, applied));
        this.#onApplied();
      },
      failed: async error => {
        const end = toEnd(error);
        const at = this.#now().toISOString();
        await this.#write(id, () =>
          hasAnswer(error)
            ? this.#store.end(id, { ...end, at })
            : this.#store.release(id, end),
        );
        this.#onApplied();
      },
    };
  }

  /** For what must not wait for the database. */
  #unwritten(deployment: StoredDeployment): OpenDeployment {
    const insert = (row: StoredDeployment) =>
      this.#owe({
        id: row.id,
        write: () => this.#store.insertAll([row]),
      });
    const row = {
      ...deployment,
      backend: undefined,
      onceKey: goneKey(deployment.ref, deployment.base?.uid),
    };
    return {
      id: deployment.id,
      applied: async () =>
        insert({ ...row, appliedAt: this.#now().toISOString() }),
      failed: async error => {
        if (!hasAnswer(error)) {
          insert(row);
        }
      },
    };
  }

  async #write(id: string, write: () => Promise<unknown>): Promise<void> {
    try {
      await inTime(write(), this.#timeoutMs);
      this.#open.delete(id);
    } catch (error) {
      this.#logger.warn(
        `Deployment ${id} is written to the history later`,
        error as Error,
      );
      this.#owe({ id, write });
    }
  }

  #owe(owed: Owed): void {
    this.#owed.push(owed);
  }

  #toDeployment(start: DeploymentStart): StoredDeployment {
    const { module, before } = start;
    const { uid, generation = 0 } = before?.metadata ?? {};
    return {
      id: randomUUID(),
      entity: start.entity.toLocaleLowerCase('en-US'),
      ref: start.ref,
      action: start.action,
      origin: start.origin,
      actor: start.actor,
      state: 'running',
      image: (module ?? before)?.spec.image ?? '',
      size: start.size,
      base: uid ? { uid, generation } : undefined,
      ...(module && this.#vault.seal(module)),
      rollbackOf: start.rollbackOf,
      onceKey: start.onceKey,
      backend: this.backend,
      beat: 0,
      startedAt: this.#now().toISOString(),
    };
  }
}

/**
 * Makes a change that is in the history before it is in the cluster.
 *
 * @internal
 */
export async function recorded<T extends WasmModule | void>(
  log: DeploymentLog,
  start: DeploymentStart,
  write: () => Promise<T>,
): Promise<T> {
  const deployment = await log.begin(start);
  let written: T;
  try {
    written = await write();
  } catch (error) {
    await deployment.failed(error);
    throw error;
  }
  await deployment.applied(written ?? undefined);
  return written;
}

/** Tells that the cluster itself has refused the change. */
function hasAnswer(error: unknown): boolean {
  return isWasiError(error) && !WITHOUT_ANSWER.includes(error.code);
}

function toEnd(error: unknown): DeploymentEnd {
  return isWasiError(error)
    ? {
        state: 'failed',
        message: error.message,
        code: error.code,
        remedy: error.remedy,
      }
    : {
        state: 'failed',
        message: 'The change was broken off before the cluster had answered.',
        code: 'DEPLOYMENT_INTERRUPTED',
      };
}

function nameOf({ ref }: DeploymentStart): string {
  return `WasmModule ${ref.namespace}/${ref.name} on cluster "${ref.cluster}"`;
}
