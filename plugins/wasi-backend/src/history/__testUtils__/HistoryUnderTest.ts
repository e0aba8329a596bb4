import { mockServices } from '@backstage/backend-test-utils';
import {
  deriveHealth,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createModuleCache,
  type ModuleCache,
} from '@wasi-functions/backstage-plugin-wasi-node';
import {
  createFakeClusters,
  type FakeWasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node/testing';
import type { Knex } from 'knex';
import { migrationsDirectory } from '../../database/openDatabase';
import { recorded } from '../DeploymentRecorder';
import { wireHistory, type HistoryParts } from '../HistoryParts';
import type { DeploymentStart } from '../types';

export const PAY = { cluster: 'prod', namespace: 'shop', name: 'pay' };
export const ENTITY = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'pay', namespace: 'default' },
};
export const image = (letter: string) =>
  `localhost:5000/pay@sha256:${letter.repeat(64)}`;

/** The module `pay` of the entity `pay`. */
export function pay(spec: Partial<WasmModule['spec']> = {}): WasmModule {
  return {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: {
      name: PAY.name,
      namespace: PAY.namespace,
      annotations: { 'backstage.io/entity-ref': 'component:default/pay' },
    },
    spec: { image: image('a'), ...spec },
  };
}

/** The time that all backends of a test share; it stands until it is set on. */
export class TestTime {
  ms = Date.parse('2026-01-01T00:00:00Z');
  pass(seconds: number): void {
    this.ms += seconds * 1000;
  }
}

interface HistoryUnderTestOptions {
  knex: Knex;
  cluster: FakeWasmModuleClient;
  time: TestTime;
  encryptionKeys?: string[];
  databaseTimeoutMs?: number;
}

/** The history of one backend over a cluster of a test; a turn is taken when the test says. */
export class HistoryUnderTest {
  readonly parts: HistoryParts;
  readonly cache: ModuleCache;
  readonly #cluster: FakeWasmModuleClient;
  readonly #time: TestTime;
  readonly #waiting = new Set<() => void>();

  private constructor(options: HistoryUnderTestOptions) {
    const { knex, cluster, time } = options;
    this.#cluster = cluster;
    this.#time = time;
    const clusters = createFakeClusters([cluster]);
    this.cache = createModuleCache({
      clusters,
      onChange: refs => {
        this.parts.history.changed(refs);
        this.#waiting.forEach(look => look());
      },
    });
    this.parts = wireHistory({
      knex,
      config: {
        retentionDays: 30,
        maxPerModule: 5,
        encryptionKeys: options.encryptionKeys ?? [],
      },
      clusters,
      cache: this.cache,
      health: async ({ module }) => deriveHealth(module),
      logger: mockServices.logger.mock(),
      now: () => new Date(time.ms),
      uptimeMs: () => time.ms,
      databaseTimeoutMs: options.databaseTimeoutMs ?? 5_000,
      deadlineMs: 30 * 60 * 1000,
    });
  }

  static async start(
    options: HistoryUnderTestOptions,
  ): Promise<HistoryUnderTest> {
    await options.knex.migrate.latest({ directory: migrationsDirectory });
    const history = new HistoryUnderTest(options);
    history.cache.start();
    await history.cache.settled(AbortSignal.timeout(10_000));
    return history;
  }

  async stop(): Promise<void> {
    await this.cache.stop();
  }

  /** Deploys as the writer of the plugin does. */
  async deploy(
    module: WasmModule,
    start: Partial<DeploymentStart> = {},
  ): Promise<WasmModule> {
    const before = await this.#cluster.get(PAY).catch(() => undefined);
    return recorded(
      this.parts.recorder,
      this.startOf(module, { before, ...start }),
      () => this.#cluster.apply(module),
    );
  }

  startOf(
    module: WasmModule | undefined,
    start: Partial<DeploymentStart> = {},
  ): DeploymentStart {
    this.#time.pass(1);
    return {
      entity: 'component:default/pay',
      ref: PAY,
      action: start.before ? 'update' : 'create',
      origin: 'portal',
      actor: 'user:default/jane',
      module,
      ...start,
    };
  }

  /** Waits for the watch to tell it, and lets the history look. */
  async turn(isTold?: (module?: WasmModule) => boolean) {
    await this.heard(isTold);
    await this.parts.history.turn();
  }

  /** Waits for the watch to tell it. */
  async heard(isTold: (module?: WasmModule) => boolean = () => true) {
    await new Promise<void>(resolve => {
      const look = () => {
        if (isTold(this.cache.get(PAY)?.module)) {
          this.#waiting.delete(look);
          resolve();
        }
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Newest first: what was done, by whom, and how it ended. */
  async told(): Promise<string[]> {
    const { items } = await this.parts.reader.list(ENTITY, {
      ref: {},
      limit: 50,
    });
    return items.map(({ action, origin, actor, state, generation, code }) =>
      [action, origin, actor, state, generation ?? '-', code]
        .filter(part => part !== undefined)
        .join(' '),
    );
  }
}

/** Tells a module of that generation, or of a later one. */
export const generation = (wanted: number) => (module?: WasmModule) =>
  (module?.metadata.generation ?? 0) >= wanted;

/** Tells a module that is ready. */
export const ready = (module?: WasmModule) =>
  module?.status?.conditions?.[0].status === 'True' &&
  module.status.observedGeneration === module.metadata.generation;

/** Tells that there is no module. */
export const gone = (module?: WasmModule) => module === undefined;
