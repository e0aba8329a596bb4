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
  toClusterProblem,
  type CachedModules,
  type WasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { keyOf } from './CollectedModules';
import { WorkQueue } from './WorkQueue';

/** How long a cluster is waited for. @internal */
export const READ_TIMEOUT_MS = 5_000;
/** That one selector chooses. */
const MAX_MODULES = 200;
const MAX_AT_ONCE = 6;
const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Which modules of a cluster are an entity's. @internal */
export interface WantedModules {
  entityRef: string;
  /** What the label `backstage.io/kubernetes-id` of its modules says. */
  kubernetesId: string;
  links: ModuleLink[];
  selector?: { labelSelector: string; namespace?: string };
}

/**
 * One reading of a cluster with a user's token: what was found, and the first thing
 * that went wrong.
 *
 * @internal
 */
export class TokenReading {
  readonly modules = new Map<string, WasmModule>();
  rejected: CachedModules['rejected'] = [];
  problem: ClusterProblem | undefined;
  readonly #client: WasmModuleClient;
  readonly #signal: AbortSignal;

  constructor(client: WasmModuleClient, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  async all(about: WantedModules): Promise<void> {
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
function isWhole(
  selector: WantedModules['selector'],
  labelSelector: string,
): boolean {
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
        READ_TIMEOUT_MS / 1000
      } seconds.`,
    }),
  );
}
