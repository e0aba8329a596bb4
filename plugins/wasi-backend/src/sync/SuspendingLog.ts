import type { LoggerService } from '@backstage/backend-plugin-api';
import type { DeploymentOrigin } from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  DeploymentLog,
  DeploymentStart,
  OpenDeployment,
} from '../history/types';
import type { SyncStore } from './SyncStore';

const BY_HAND: readonly DeploymentOrigin[] = ['portal', 'api', 'mcp'];

/**
 * Suspends the deploys of an entity from the catalog when somebody changes its
 * module by hand, so that a rollback is not undone a minute later.
 *
 * Before the change is made: a deploy that is under way applies only what it
 * has looked at, and finds itself suspended at the next look.
 *
 * @internal
 */
export class SuspendingLog implements DeploymentLog {
  readonly #log: DeploymentLog;
  readonly #store: SyncStore;
  readonly #logger: LoggerService;
  readonly #now: () => Date;

  constructor(options: {
    log: DeploymentLog;
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
    const deployment = await this.#log.begin(start);
    if (!(await this.#suspends(start))) {
      return deployment;
    }
    const { entity, actor, ref } = start;
    await this.#store.suspend(entity, {
      by: actor,
      at: this.#now().toISOString(),
      reason: reasonOf(start),
    });
    this.#logger.info(
      `Deploys of ${entity} from the catalog are suspended: ${actor} has changed ${ref.namespace}/${ref.name} by hand.`,
    );
    return {
      id: deployment.id,
      applied: module => deployment.applied(module),
      failed: async error => {
        // The change was not made, so there is nothing to keep.
        await this.#store.resume(entity);
        await deployment.failed(error);
      },
    };
  }

  async #suspends({
    entity,
    ref,
    action,
    origin,
  }: DeploymentStart): Promise<boolean> {
    return (
      BY_HAND.includes(origin) &&
      // The same module anew.
      action !== 'redeploy' &&
      (await this.#store.has(entity, ref)) &&
      (await this.#store.suspension(entity)) === undefined
    );
  }
}

function reasonOf({ action, ref }: DeploymentStart): string {
  const name = `${ref.cluster}/${ref.namespace}/${ref.name}`;
  switch (action) {
    case 'rollback':
      return `${name} was rolled back by hand. Resume to deploy func.yaml again.`;
    case 'delete':
      return `${name} was deleted by hand. Resume to deploy func.yaml again.`;
    default:
      return `${name} was changed by hand. Resume to deploy func.yaml again.`;
  }
}
