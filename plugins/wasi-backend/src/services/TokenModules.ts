import { createHash } from 'node:crypto';
import {
  ANNOTATION_ENTITY_REF,
  isWasiError,
  LABEL_KUBERNETES_ID,
  WasiError,
  type ClusterProblem,
  type ModuleLink,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  latestChange,
  leanModule,
  toClusterProblem,
  type CachedModules,
  type ClusterCaller,
  type Clusters,
  type WasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { BriefMemory } from './BriefMemory';
import { keyOf, type FoundModule } from './CollectedModules';
import type { ReadCompanions } from './CompanionReader';
import { readAsUser } from './readAsUser';
import { WorkQueue } from './WorkQueue';

// Each tab of a user asks; the cluster is asked once in this time.
const KEPT_MS = 2_000;
const TIMEOUT_MS = 5_000;
const MAX_AT_ONCE = 6;
/** Of an entity on one cluster. */
const MAX_MODULES = 200;
// Where each costs the cluster a request.
const MAX_READ_FURTHER = 20;
const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Which modules of a cluster are an entity's. @internal */
export interface TokenRequest {
  cluster: string;
  caller: ClusterCaller;
  entityRef: string;
  /** What the label `backstage.io/kubernetes-id` of its modules says. */
  kubernetesId: string;
  links: ModuleLink[];
  selector?: { labelSelector: string; namespace?: string };
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

type About = Omit<TokenRequest, 'caller' | 'cluster'>;

async function ask(
  client: WasmModuleClient,
  about: About,
): Promise<TokenAnswer> {
  // It serves whoever asks meanwhile, so it ends with none of them.
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const reading = new Reading(client, signal);
  await reading.all(about);
  const items = [...reading.modules.values()].slice(0, MAX_MODULES);
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

/** One reading of a cluster: what was found, and the first thing that went wrong. */
class Reading {
  readonly modules = new Map<string, WasmModule>();
  rejected: CachedModules['rejected'] = [];
  problem: ClusterProblem | undefined;
  readonly #client: WasmModuleClient;
  readonly #signal: AbortSignal;

  constructor(client: WasmModuleClient, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  async all(about: About): Promise<void> {
    const { entityRef, kubernetesId, links, selector } = about;
    const queue = new WorkQueue(MAX_AT_ONCE);
    const named = links.length > 0 || selector !== undefined;
    const ownLabel = `${LABEL_KUBERNETES_ID}=${kubernetesId}`;
    await Promise.all([
      ...links.map(link => queue.run(() => this.#get(link))),
      ...(selector ? [queue.run(() => this.#list(selector))] : []),
      ...(LABEL_VALUE.test(kubernetesId) && !isWhole(selector, ownLabel)
        ? [queue.run(() => this.#listOwn(ownLabel, { entityRef, named }))]
        : []),
    ]);
  }

  async #get({ namespace = 'default', name }: ModuleLink): Promise<void> {
    await this.#attempt(async () => {
      this.#add(
        await this.#client.get({ namespace, name }, { signal: this.#signal }),
      );
    }, ['MODULE_NOT_FOUND', 'NAMESPACE_MISSING']);
  }

  async #list(selector: {
    labelSelector: string;
    namespace?: string;
  }): Promise<void> {
    await this.#attempt(async () => this.#take(selector, () => true));
  }

  /** Those that name the entity; who may not look everywhere is told where to look by the entity. */
  async #listOwn(
    labelSelector: string,
    options: { entityRef: string; named: boolean },
  ): Promise<void> {
    const owner = (row: { annotations?: Record<string, string> }) =>
      row.annotations?.[ANNOTATION_ENTITY_REF]?.toLocaleLowerCase('en-US');
    await this.#attempt(
      async () =>
        this.#take(
          { labelSelector },
          row => owner(row) === options.entityRef.toLocaleLowerCase('en-US'),
        ),
      options.named ? ['CLUSTER_FORBIDDEN'] : [],
    );
  }

  async #take(
    selection: { labelSelector: string; namespace?: string },
    isMeant: (row: { annotations?: Record<string, string> }) => boolean,
  ): Promise<void> {
    let rows = 0;
    const { items, rejected } = await this.#client.list({
      ...selection,
      signal: this.#signal,
      keep: module => {
        rows += 1;
        if (rows > MAX_MODULES) {
          throw new WasiError('CLUSTER_UNEXPECTED', {
            message: `Cluster "${
              this.#client.cluster
            }" has more than ${MAX_MODULES} WasmModules that match \`${
              selection.labelSelector
            }\`.`,
            remedy: 'Name the modules of the entity one by one.',
          });
        }
        return module;
      },
    });
    items
      .filter(({ metadata }) => isMeant(metadata))
      .forEach(module => this.#add(module));
    this.rejected.push(
      ...rejected
        .filter(isMeant)
        .map(row => ({ ...row, cluster: this.#client.cluster })),
    );
  }

  #add(module: WasmModule): void {
    const { namespace = 'default', name } = module.metadata;
    this.modules.set(
      keyOf({ cluster: this.#client.cluster, namespace, name }),
      module,
    );
  }

  async #attempt(
    read: () => Promise<void>,
    expected: string[] = [],
  ): Promise<void> {
    try {
      await read();
    } catch (error) {
      if (isWasiError(error)) {
        if (!expected.includes(error.code)) {
          this.problem ??= toClusterProblem(this.#client.cluster, error);
        }
      } else if (this.#signal.aborted) {
        this.problem ??= silent(this.#client.cluster);
      } else {
        throw error;
      }
    }
  }
}

/** Whether the selector finds them already. */
function isWhole(selector: About['selector'], labelSelector: string): boolean {
  return (
    selector?.labelSelector === labelSelector &&
    selector.namespace === undefined
  );
}

function silent(cluster: string): ClusterProblem {
  return toClusterProblem(
    cluster,
    new WasiError('CLUSTER_UNREACHABLE', {
      message: `Cluster "${cluster}" did not answer within ${
        TIMEOUT_MS / 1000
      } seconds.`,
    }),
  );
}
