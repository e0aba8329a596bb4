import { createHash } from 'node:crypto';
import type { ClusterProblem } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  latestChange,
  leanModule,
  type CachedModules,
  type ClusterCaller,
  type Clusters,
  type WasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { BriefMemory } from './BriefMemory';
import type { FoundModule } from './CollectedModules';
import type { ReadCompanions } from './CompanionReader';
import { readAsUser } from './readAsUser';
import {
  READ_TIMEOUT_MS,
  TokenReading,
  type WantedModules,
} from './TokenReading';
import { WorkQueue } from './WorkQueue';

// Each tab of a user asks; the cluster is asked once in this time.
const KEPT_MS = 2_000;
const MAX_AT_ONCE = 6;
// Where each costs the cluster a request.
const MAX_READ_FURTHER = 20;

const NOT_READ: ReadCompanions = {
  context: {},
  findings: [
    {
      code: 'EVENTS_NOT_READ',
      severity: 'info',
      path: 'events',
      message: `Events are missing: with a user's token they are read for ${MAX_READ_FURTHER} modules of an entity at most.`,
      remedy: 'Give the portal an account on the cluster.',
    },
  ],
  healthFindings: [],
};

/** What is asked with a user's token. @internal */
export interface TokenRequest extends WantedModules {
  cluster: string;
  caller: ClusterCaller;
}

/** What a user's token shows of an entity on one cluster. @internal */
export interface TokenAnswer extends CachedModules {
  items: FoundModule[];
  /** Why some, or all, of it is missing. */
  problem?: ClusterProblem;
}

/**
 * Reads modules from clusters that take only users' own tokens, by the token that
 * came with the request.
 *
 * What one token has shown is kept for two seconds, and for nobody else: not for
 * other users, and not for another token of the same one. The token is not kept.
 *
 * @internal
 */
export class TokenModules {
  readonly #clusters: Clusters;
  readonly #answers = new BriefMemory<TokenAnswer>({ keptMs: KEPT_MS });
  #tell: (items: FoundModule[]) => void = () => {};

  constructor(options: { clusters: Clusters }) {
    this.#clusters = options.clusters;
  }

  /** The listener is told what was read, and keeps nothing of it. */
  whenRead(listener: (items: FoundModule[]) => void): void {
    this.#tell = listener;
  }

  /** Fails only where no token came. */
  async read(request: TokenRequest): Promise<TokenAnswer> {
    const { caller, cluster, ...about } = request;
    const client = this.#clusters.client(cluster, caller);
    const token = createHash('sha256').update(caller.tokens![cluster]);
    return this.#answers.read(
      {
        owner: caller.user,
        key: JSON.stringify([cluster, token.digest('base64'), about]),
      },
      async () => {
        const answer = await ask(client, about);
        this.#tell(answer.items);
        return answer;
      },
    );
  }

  /** After a write, the user reads what the cluster has now. */
  forget(caller: ClusterCaller): void {
    this.#answers.forget(caller.user);
  }
}

async function ask(
  client: WasmModuleClient,
  about: WantedModules,
): Promise<TokenAnswer> {
  // It serves whoever asks meanwhile, so it ends with none of them.
  const signal = AbortSignal.timeout(READ_TIMEOUT_MS);
  const reading = new TokenReading(client, signal);
  await reading.all(about);
  const items = [...reading.modules.values()];
  const queue = new WorkQueue(MAX_AT_ONCE);
  const observedAt = new Date().toISOString();
  return {
    items: await Promise.all(
      items.map(async (module, index): Promise<FoundModule> => {
        const { namespace = 'default', name } = module.metadata;
        const item = {
          ref: { cluster: client.cluster, namespace, name },
          module: leanModule(module),
          changedAt: latestChange(module).changedAt,
          observedAt,
        };
        return {
          ...item,
          companions:
            index < MAX_READ_FURTHER
              ? await queue.run(() => readAsUser(client, item, signal))
              : NOT_READ,
        };
      }),
    ),
    rejected: reading.rejected,
    problem: reading.problem,
  };
}
