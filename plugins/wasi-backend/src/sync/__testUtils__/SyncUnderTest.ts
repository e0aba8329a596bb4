import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { UrlReaderService } from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { ConfigReader } from '@backstage/config';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  ANNOTATION_AUTO_DEPLOY,
  WasiError,
  type ModuleInspection,
  type ModuleRef,
  type SyncTargetView,
  type SyncView,
  type WasiErrorCode,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createModuleCache,
  createPublicImages,
  type Clusters,
  type ModuleCache,
  type ModuleRegistry,
} from '@wasi-functions/backstage-plugin-wasi-node';
import {
  createFakeClusters,
  FakeWasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node/testing';
import createKnex, { type Knex } from 'knex';
import { migrationsDirectory } from '../../database/openDatabase';
import type { DeploymentStart, ReportedLog } from '../../history/types';
import { SharedImages } from '../../services/SharedImages';
import { createSync, type Sync } from '../createSync';

type ConfigData = NonNullable<ConstructorParameters<typeof ConfigReader>[0]>;

/** Where the catalog-info.yaml of the entity `pay` is. */
export const REPOSITORY = 'https://github.com/acme/pay/blob/main';
export const digestOf = (text: string) =>
  `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** A func.yaml as developers write it. */
export function funcYaml(extra = '', name = 'pay'): string {
  return `specVersion: 0.36.0
name: ${name}
runtime: js-wasi
registry: ghcr.io/acme
${extra}`;
}

/** An entity that asks to be deployed. */
export function entityOf(
  name: string,
  annotations: Record<string, string> = {},
  owner = 'group:default/shop',
): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: {
      name,
      namespace: 'default',
      annotations: {
        'backstage.io/managed-by-location': `url:https://github.com/acme/${name}/blob/main/catalog-info.yaml`,
        [ANNOTATION_AUTO_DEPLOY]: 'true',
        'backstage.io/kubernetes-namespace': 'shop',
        ...annotations,
      },
    },
    spec: { type: 'wasm-function', owner, lifecycle: 'production' },
    relations: [{ type: 'ownedBy', targetRef: owner }],
  };
}

/**
 * Deploys from the catalog over one cluster in memory, with a repository and a
 * registry that a test fills.
 */
export class SyncUnderTest {
  readonly cluster = new FakeWasmModuleClient('eu-1');
  clusters: Clusters = createFakeClusters([this.cluster]);
  readonly files = new Map([[`${REPOSITORY}/func.yaml`, funcYaml()]]);
  /** Tags by reference, or why the registry refuses. */
  readonly images = new Map<string, string | WasiError>([
    ['ghcr.io/acme/pay:latest', digestOf('one')],
  ]);
  entities: Entity[] = [entityOf('pay')];
  /** What the list of the catalog has; all entities by default. */
  listed: Entity[] | undefined;
  /** Makes the catalog fail, as one that is down. */
  catalogError: Error | undefined;
  sync: ConfigData = {
    enabled: true,
    allow: [{ targets: ['eu-1/shop', 'eu-1/shop-*'] }],
  };
  integrations: ConfigData = { github: [{ host: 'github.com' }] };
  now = new Date('2026-11-21T12:00:00Z');
  /** Addresses whose content was sent. */
  readonly reads: string[] = [];
  /** What was asked of the registry. */
  readonly described: string[] = [];
  /** What each image holds. */
  inspection: ModuleInspection = {
    kind: 'component',
    wasi: '0.2',
    wasiVersion: '0.2.3',
    size: 1000,
    digest: digestOf('module'),
    sections: [],
    imports: [],
    exports: ['wasi:http/incoming-handler@0.2.3'],
    producers: [],
    capabilities: [],
    entry: 'http',
  };
  /** Images that were pulled. */
  readonly pulled: string[] = [];
  readonly history: (DeploymentStart & { ended?: string })[] = [];
  readonly log: string[] = [];
  /** Fails each image that it names. */
  readonly unsigned = new Set<string>();
  knex: Knex | undefined;
  cache: ModuleCache | undefined;
  started: Sync | undefined;
  readonly scheduler = mockServices.scheduler();
  readonly apply = jest.spyOn(this.cluster, 'apply');

  async start(knex?: Knex): Promise<this> {
    this.knex = knex ?? (await openMemoryDatabase());
    this.cache = createModuleCache({ clusters: this.clusters });
    this.cache.start();
    await this.cache.settled(AbortSignal.timeout(5_000));
    this.started = createSync({
      config: new ConfigReader({
        wasi: { sync: this.sync },
        integrations: this.integrations,
      }),
      catalog: this.#catalog(),
      auth: mockServices.auth(),
      logger: this.#logger(),
      scheduler: this.scheduler,
      urlReader: this.#urlReader(),
      knex: this.knex,
      clusters: this.clusters,
      cache: this.cache,
      images: new SharedImages({
        images: createPublicImages({
          registry: this.#registry(),
          inspect: async () => this.inspection,
          maxModuleBytes: 1000,
        }),
      }),
      verifier: {
        policy: 'enforce',
        verify: async image => {
          if (this.unsigned.has(image)) {
            throw new WasiError('IMAGE_NOT_SIGNED', {
              message: `${image} has no signature.`,
            });
          }
          return [];
        },
      },
      deployments: this.#deployments(),
      now: () => this.now,
      random: () => 0,
    });
    await this.started.start();
    return this;
  }

  async stop(): Promise<void> {
    await this.cache?.stop();
    await this.knex?.destroy();
  }

  /** One scheduled run. */
  run(): Promise<void> {
    return this.scheduler.triggerTask('wasi-sync');
  }

  /** One run, some seconds later. */
  async runAfter(seconds: number): Promise<void> {
    this.now = new Date(this.now.getTime() + seconds * 1000);
    await this.run();
  }

  view(name = 'pay'): Promise<SyncView> {
    return this.started!.control.read(this.entity(name));
  }

  async target(name = 'pay'): Promise<SyncTargetView> {
    return (await this.view(name)).targets[0];
  }

  entity(name = 'pay'): Entity {
    return (
      this.entities.find(({ metadata }) => metadata.name === name) ??
      entityOf(name)
    );
  }

  /** Applies that the cluster has stored. */
  get writes(): string[] {
    return this.apply.mock.calls
      .filter(([, options]) => !options?.dryRun)
      .map(([{ metadata }]) => `${metadata.namespace}/${metadata.name}`);
  }

  /** Changes a module as somebody on the portal's page does. */
  async byHand(options: {
    action: DeploymentStart['action'];
    origin?: DeploymentStart['origin'];
    fail?: WasiErrorCode;
    change: () => Promise<unknown>;
  }): Promise<void> {
    const ref: ModuleRef = { cluster: 'eu-1', namespace: 'shop', name: 'pay' };
    const open = await this.started!.deployments.begin({
      entity: 'component:default/pay',
      ref,
      action: options.action,
      origin: options.origin ?? 'portal',
      actor: 'user:default/jane',
    });
    if (options.fail) {
      await open.failed(new WasiError(options.fail, { message: 'No.' }));
      return;
    }
    await options.change();
    await open.applied();
  }

  #catalog() {
    const catalog = (entities = this.entities) => {
      if (this.catalogError) {
        throw this.catalogError;
      }
      return catalogServiceMock({ entities });
    };
    const listed = () => catalog(this.listed);
    return catalogServiceMock.mock({
      async *streamEntities(...args) {
        yield* listed().streamEntities(...args);
      },
      getEntitiesByRefs: async (...args) =>
        catalog().getEntitiesByRefs(...args),
      getEntityByRef: async (...args) => catalog().getEntityByRef(...args),
    });
  }

  #urlReader(): UrlReaderService {
    return mockServices.urlReader.mock({
      readUrl: async (url, options) => {
        const text = this.files.get(url);
        if (text === undefined) {
          throw named('NotFoundError', `${url} could not be read as secret`);
        }
        if (text.startsWith('!')) {
          throw new Error(text.slice(1));
        }
        const etag = digestOf(text);
        if (options?.etag === etag) {
          throw named('NotModifiedError', '');
        }
        this.reads.push(url);
        return {
          buffer: async () => Buffer.from(text),
          stream: () => Readable.from([Buffer.from(text)]),
          etag,
        };
      },
    });
  }

  #registry(): ModuleRegistry {
    return {
      pull: async (place: unknown) => {
        this.pulled.push((place as { image: string }).image);
      },
      describe: async (place: unknown) => {
        const { image } = place as { image: string };
        this.described.push(image);
        const found = image.includes('@')
          ? image.split('@')[1]
          : this.images.get(image);
        if (found === undefined) {
          throw new WasiError('REGISTRY_NOT_FOUND', {
            message: `There is no ${image}.`,
          });
        }
        if (found instanceof WasiError) {
          throw found;
        }
        return {
          image: `${image.replace(/[:@][^/]*$/, '')}@${found}`,
          digest: found,
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          index: false,
          layers: [
            {
              mediaType: 'application/wasm',
              digest: found,
              size: 1000,
              annotations: {},
            },
          ],
          annotations: {},
        };
      },
    } as unknown as ModuleRegistry;
  }

  #deployments(): ReportedLog {
    const open = (id: string) => {
      const row = this.history[Number(id) - 1];
      return {
        id,
        applied: async () => {
          row.ended = 'applied';
        },
        failed: async (error: unknown) => {
          row.ended = (error as Error).message;
        },
      };
    };
    return {
      begin: async start => open(String(this.history.push({ ...start }))),
      leave: () => {},
      adopt: open,
    };
  }

  #logger() {
    const write = (level: string) => (message: string) => {
      this.log.push(`${level}: ${message}`);
    };
    return mockServices.logger.mock({
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
    });
  }
}

export async function openMemoryDatabase(): Promise<Knex> {
  const knex = createKnex({
    client: 'better-sqlite3',
    connection: ':memory:',
    useNullAsDefault: true,
  });
  await knex.migrate.latest({ directory: migrationsDirectory });
  return knex;
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
