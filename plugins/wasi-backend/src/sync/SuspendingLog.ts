import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  isWasiError,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { inTime } from '../history/inTime';
import type {
  DeploymentStart,
  OpenDeployment,
  ReportedChange,
  ReportedLog,
} from '../history/types';
import { isByHand, reasonOf } from './byHand';
import type { SyncStore } from './SyncStore';

const DATABASE_TIMEOUT_MS = 5_000;

/**
 * Suspends the deploys of an entity from the catalog when somebody changes its
 * module by hand, so that a rollback is not undone a minute later.
 *
 * Before the change is made: a deploy that is under way applies only what it
 * has looked at, and finds itself suspended at the next look.
 *
 * @internal
 */
export class SuspendingLog implements ReportedLog {
  readonly #log: ReportedLog;
  readonly #store: SyncStore;
  readonly #logger: LoggerService;
  readonly #now: () => Date;

  constructor(options: {
    log: ReportedLog;
    store: SyncStore;
    logger: LoggerService;
    now: () => Date;
  }) {
    this.#log = options.log;
    this.#store = options.store;
    this.#logger = options.logger;
    this.#now = options.now;
  }

  async begin(start: DeploymentStart): Promise<OpenDeployment> {
    const suspended = await this.#suspend(start);
    let deployment: OpenDeployment;
    try {
      deployment = await this.#log.begin(start);
    } catch (error) {
      if (suspended) {
        await this.#lift(start);
      }
      throw error;
    }
    return suspended ? this.#lifting(deployment, start) : deployment;
  }

  leave(id: string): void {
    this.#log.leave(id);
  }

  adopt(id: string, change: ReportedChange): OpenDeployment {
    const deployment = this.#log.adopt(id, change);
    return isByHand(change) ? this.#lifting(deployment, change) : deployment;
  }

  /** What was not changed leaves nothing to keep. */
  #lifting(deployment: OpenDeployment, change: ReportedChange): OpenDeployment {
    return {
      id: deployment.id,
      applied: module => deployment.applied(module),
      failed: async error => {
        if (isRefusal(error)) {
          await this.#lift(change);
        }
        await deployment.failed(error);
      },
    };
  }

  /** Only the suspension of this very change. */
  async #lift(change: ReportedChange): Promise<void> {
    const { actor, entity } = change;
    try {
      await inTime(
        this.#store.lift(entity, { by: actor, reason: reasonOf(change) }),
        DATABASE_TIMEOUT_MS,
      );
    } catch (error) {
      // The change itself has failed, and that is what its author has to hear.
      this.#logger.warn(
        `Deploys of ${entity} from the catalog stay suspended, though nothing was changed`,
        error as Error,
      );
    }
  }

  /** True where it was this that suspended the entity. */
  async #suspend(start: DeploymentStart): Promise<boolean> {
    const { action, actor, entity, ref } = start;
    if (!isByHand(start)) {
      return false;
    }
    try {
      return await inTime(this.#suspendInStep(start), DATABASE_TIMEOUT_MS);
    } catch (error) {
      if (action === 'delete') {
        // As with the history: what must go does not wait for the database.
        this.#logger.warn(
          `Deploys of ${entity} from the catalog could not be suspended, and may make ${ref.namespace}/${ref.name} again`,
          error as Error,
        );
        return false;
      }
      throw new WasiError('HISTORY_UNAVAILABLE', {
        message: `${ref.namespace}/${ref.name} was not changed for ${actor}, because the deploys of ${entity} from the catalog could not be suspended.`,
        cause: error,
      });
    }
  }

  async #suspendInStep(start: DeploymentStart): Promise<boolean> {
    const { actor, entity, ref } = start;
    if (
      !(await this.#store.has(entity, ref)) ||
      (await this.#store.suspension(entity))
    ) {
      return false;
    }
    await this.#store.suspend(entity, {
      by: actor,
      at: this.#now().toISOString(),
      reason: reasonOf(start),
    });
    this.#logger.info(
      `Deploys of ${entity} from the catalog are suspended: ${actor} changes ${ref.namespace}/${ref.name} by hand.`,
    );
    return true;
  }
}

/** Without an answer of the cluster, the change may have been made. */
function isRefusal(error: unknown): boolean {
  return (
    isWasiError(error) &&
    error.code !== 'CLUSTER_UNREACHABLE' &&
    error.code !== 'CLUSTER_UNEXPECTED'
  );
}
