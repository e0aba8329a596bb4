import type {
  AuthService,
  LoggerService,
  SchedulerServiceTaskRunner,
} from '@backstage/backend-plugin-api';
import type {
  CatalogService,
  EntityProvider,
  EntityProviderConnection,
} from '@backstage/plugin-catalog-node';
import { ANNOTATION_ENTITY_REF } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Clusters } from '@wasi-functions/backstage-plugin-wasi-node';
import { NamedModules } from './NamedModules';
import type { ProviderConfig } from './readProviderConfigs';
import { readRef } from './readRef';
import {
  componentRefOf,
  toApi,
  toComponent,
  type FoundModule,
} from './toComponent';
import type { Worlds } from './Worlds';

// A template deploys before the catalog has read the entity that it registered.
const REGISTERED_WITHIN_MS = 10 * 60_000;

/**
 * The modules of one cluster as Components, and their worlds as APIs.
 *
 * There is one provider for each cluster, so that a cluster that cannot be heard
 * keeps the entities it had.
 *
 * @internal
 */
export class WasmModuleEntityProvider implements EntityProvider {
  readonly #config: ProviderConfig;
  readonly #cluster: string;
  readonly #clusters: Pick<Clusters, 'client'>;
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #logger: LoggerService;
  readonly #runner: SchedulerServiceTaskRunner;
  readonly #worlds: Pick<Worlds, 'of'> | undefined;
  readonly #now: () => Date;
  #connection: EntityProviderConnection | undefined;

  constructor(options: {
    config: ProviderConfig;
    cluster: string;
    clusters: Pick<Clusters, 'client'>;
    catalog: CatalogService;
    auth: AuthService;
    logger: LoggerService;
    /** Each cluster has its own: one that hangs holds up no other. */
    runner: SchedulerServiceTaskRunner;
    /** Absent where no API is wanted. */
    worlds?: Pick<Worlds, 'of'>;
    now?: () => Date;
  }) {
    this.#config = options.config;
    this.#cluster = options.cluster;
    this.#clusters = options.clusters;
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#logger = options.logger;
    this.#runner = options.runner;
    this.#worlds = options.worlds;
    this.#now = options.now ?? (() => new Date());
  }

  getProviderName(): string {
    return `wasi:${this.#config.id}:${this.#cluster}`;
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.#connection = connection;
    await this.#runner.run({
      id: this.getProviderName(),
      fn: signal => this.refresh(signal),
    });
  }

  /**
   * Makes the catalog have what the cluster has.
   *
   * @throws `WasiError` where the cluster or one of its namespaces cannot be
   * listed; the catalog then stays as it is.
   */
  async refresh(signal: AbortSignal): Promise<void> {
    if (!this.#connection) {
      throw new Error(`${this.getProviderName()} is not connected`);
    }
    const modules = await this.#list(signal);
    const named = await NamedModules.read({
      catalog: this.#catalog,
      auth: this.#auth,
    });
    const left = modules.filter(module => !named.has(module));
    const owners = await named.existing([
      ...new Set(left.flatMap(module => ownerOf(module) ?? [])),
    ]);
    const own = left.flatMap<{ module: FoundModule; orphanedFrom?: string }>(
      module => {
        const owner = ownerOf(module);
        if (!owner || owner === componentRefOf(module.ref)) {
          return [{ module }];
        }
        return owners.has(owner) || this.#isNew(module)
          ? []
          : [{ module, orphanedFrom: owner }];
      },
    );
    const worlds = await this.#worlds?.of(
      own.flatMap(({ module }) => module.image ?? []),
      signal,
    );
    const entities = own.flatMap(({ module, orphanedFrom }) => {
      const { image = '' } = module;
      const world = worlds?.get(image);
      const component = toComponent(module, {
        owner: this.#config.owner,
        orphanedFrom,
        hasApi: world !== undefined,
      });
      return world === undefined
        ? [component]
        : [component, toApi(component, { image, world })];
    });
    await this.#connection.applyMutation({
      type: 'full',
      entities: entities.map(entity => ({
        entity,
        locationKey: this.getProviderName(),
      })),
    });
    this.#logger.info(
      `${own.length} of ${modules.length} modules of cluster "${
        this.#cluster
      }" have a Component of their own`,
    );
  }

  async #list(signal: AbortSignal): Promise<FoundModule[]> {
    const client = this.#clusters.client(this.#cluster);
    const { namespaces, labelSelector } = this.#config;
    const found: FoundModule[] = [];
    for (const namespace of namespaces ?? [undefined]) {
      const { items, rejected } = await client.list({
        namespace,
        labelSelector,
        signal,
      });
      found.push(
        ...items.map(({ metadata, spec, status }) => ({
          ref: this.#refOf(metadata),
          metadata,
          image: spec.image,
          url: status?.address?.url,
        })),
        // There all the same, though what it asks for cannot be read.
        ...rejected.map(row => ({ ref: this.#refOf(row), metadata: row })),
      );
    }
    return found;
  }

  #refOf({ namespace, name }: { namespace?: string; name: string }) {
    return { cluster: this.#cluster, namespace: namespace ?? 'default', name };
  }

  #isNew({ metadata }: FoundModule): boolean {
    const created = Date.parse(metadata.creationTimestamp ?? '');
    return this.#now().getTime() - created < REGISTERED_WITHIN_MS;
  }
}

/** The entity that a module names as its own; none where it names it wrongly. */
function ownerOf({ metadata }: FoundModule): string | undefined {
  return readRef(metadata.annotations?.[ANNOTATION_ENTITY_REF]);
}
