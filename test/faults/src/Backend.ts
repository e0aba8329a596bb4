import { createServiceFactory } from '@backstage/backend-plugin-api';
import {
  mockServices,
  startTestBackend,
  type TestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import wasiPlugin from '@wasi-functions/backstage-plugin-wasi-backend';
import type {
  ModuleListAnswer,
  ModulesChangedSignal,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { AddressInfo } from 'node:net';
import { versionsOf } from './FaultyCluster';
import type { KubeconfigFile } from './KubeconfigFile';

const PAY = '/api/wasi/v1/entities/component/default/pay/modules';

/**
 * The whole plugin on a cluster, and an open page of the entity `pay`: it asks
 * once, and after that when a signal tells it to.
 */
export class Backend {
  readonly signals: ModulesChangedSignal[] = [];
  page!: ModuleListAnswer;
  /** How often the page asked. */
  loads = 0;
  #loading: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(private readonly backend: TestBackend) {}

  static async start(file: KubeconfigFile): Promise<Backend> {
    let tell = (_signal: ModulesChangedSignal) => {};
    const backend = new Backend(
      await startTestBackend({
        features: [
          wasiPlugin,
          mockServices.rootConfig.factory({
            data: {
              wasi: {
                toolchains: { directory: '/nowhere' },
                kubeconfig: file.path,
              },
            },
          }),
          mockServices.permissions.mock({
            authorize: async requests =>
              requests.map(() => ({ result: AuthorizeResult.ALLOW })),
          }).factory,
          catalogServiceMock.factory({
            entities: [
              {
                apiVersion: 'backstage.io/v1alpha1',
                kind: 'Component',
                metadata: { name: 'pay', namespace: 'default' },
                spec: { type: 'wasm-function', owner: 'shop' },
              },
            ],
          }),
          createServiceFactory({
            service: signalsServiceRef,
            deps: {},
            factory: () => ({
              publish: async ({ message }) =>
                tell(message as unknown as ModulesChangedSignal),
            }),
          }),
        ],
      }),
    );
    tell = signal => {
      if (!backend.#isClosed) {
        backend.signals.push(signal);
        backend.#load();
      }
    };
    await backend.#load();
    return backend;
  }

  get problem(): string | undefined {
    return this.page.problems[0]?.code;
  }

  get modules(): Record<string, string> {
    return versionsOf(this.page.items.map(({ module }) => module));
  }

  async stop(): Promise<void> {
    this.#isClosed = true;
    await this.#loading;
    await this.backend.stop();
  }

  #load(): Promise<void> {
    this.loads += 1;
    this.#loading = this.#loading.then(async () => {
      const { port } = this.backend.server.address() as AddressInfo;
      const answer = await fetch(`http://127.0.0.1:${port}${PAY}`);
      if (!answer.ok) {
        throw new Error(`${answer.status}: ${await answer.text()}`);
      }
      this.page = (await answer.json()) as ModuleListAnswer;
    });
    return this.#loading;
  }
}
