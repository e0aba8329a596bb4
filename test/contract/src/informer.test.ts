import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CustomObjectsApi,
  KubeConfig,
  makeInformer,
  type Informer,
  type KubernetesObject,
  type ObjectCache,
} from '@kubernetes/client-node';
import {
  kubeconfig,
  startKubernetesApi,
  type KubernetesApi,
} from '@wasi-functions/local-platform';
import { threeLines } from '@wasi-functions/local-platform/testing';
import { CuttableLine } from './CuttableLine';
import { wasmModule } from './Scene';

const GROUP = 'wasm.serving.knative.dev';
const MODULES = `/apis/${GROUP}/v1alpha1/namespaces/default/wasmmodules`;
const HISTORY_LENGTH = 10;
/** Pause of a client before it asks again a server that is away. */
const RETRY_MS = 20;

describe('an informer of @kubernetes/client-node on the local platform', () => {
  let directory: string;
  let api: KubernetesApi;
  let line: CuttableLine;
  let informer: Informer<KubernetesObject> & ObjectCache<KubernetesObject>;
  let heard: EventEmitter;
  let stopped: boolean;

  const start = (port: number) =>
    startKubernetesApi({
      directory,
      port,
      logSource: threeLines,
      historyLength: HISTORY_LENGTH,
    });
  const create = (name: string) =>
    api.store.create('wasmmodules', {
      ...wasmModule(name),
      metadata: { name, namespace: 'default' },
    });
  const versions = (
    objects: readonly {
      metadata?: { name?: string; resourceVersion?: string };
    }[],
  ) =>
    Object.fromEntries(
      objects.map(({ metadata }) => [
        metadata!.name,
        metadata!.resourceVersion,
      ]),
    );
  const consistent = async () => {
    const wanted = JSON.stringify(
      sorted(versions(api.store.list('wasmmodules'))),
    );
    while (JSON.stringify(sorted(versions(informer.list()))) !== wanted) {
      await once(heard, 'change');
    }
  };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'kubernetes-api-'));
    api = await start(0);
    line = await CuttableLine.to(Number(new URL(api.server).port));
    const config = new KubeConfig();
    config.loadFromString(
      kubeconfig({
        server: line.server,
        caCertificate: api.caCertificate,
        token: api.adminToken,
      }),
    );
    const custom = config.makeApiClient(CustomObjectsApi);
    informer = makeInformer(config, MODULES, () =>
      custom.listNamespacedCustomObject({
        group: GROUP,
        version: 'v1alpha1',
        namespace: 'default',
        plural: 'wasmmodules',
      }),
    );
    heard = new EventEmitter();
    stopped = false;
    const change = () => heard.emit('change');
    function again() {
      if (!stopped) {
        // eslint-disable-next-line @typescript-eslint/no-use-before-define
        informer.start().catch(retry).finally(change);
      }
    }
    function retry() {
      setTimeout(again, RETRY_MS);
    }
    for (const verb of ['add', 'update', 'delete', 'connect'] as const) {
      informer.on(verb as 'add', change);
    }
    informer.on('error', retry);
    create('one');
    await informer.start();
    await consistent();
  });
  afterEach(async () => {
    stopped = true;
    await informer.stop();
    line.close();
    await api.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('has everything again after the line was cut', async () => {
    line.cut();
    create('two');
    api.store.delete('wasmmodules', 'default', 'one');
    await consistent();
    create('three');
    await consistent();
    expect(informer.list()).toHaveLength(2);
  }, 60_000);

  it('has everything again after its version was forgotten', async () => {
    line.cut();
    for (let count = 0; count < 2 * HISTORY_LENGTH; count += 1) {
      create(`many-${count}`);
    }
    api.store.delete('wasmmodules', 'default', 'one');
    await consistent();
    expect(informer.list()).toHaveLength(2 * HISTORY_LENGTH);
  }, 60_000);

  it('has everything again after a restart of the platform', async () => {
    const { port } = new URL(api.server);
    for (const name of ['two', 'three']) {
      await api.close();
      api = await start(Number(port));
      create(name);
      api.store.delete('wasmmodules', 'default', 'one');
      create('one');
      await consistent();
    }
    expect(informer.list()).toHaveLength(3);
  }, 60_000);

  it('has everything again after a cut in the middle of an event', async () => {
    line.cutAfter(500);
    const big = create('big');
    api.store.update('wasmmodules', {
      ...big,
      spec: { image: 'example/big', args: ['x'.repeat(100_000)] },
    } as typeof big);
    await consistent();
    expect(informer.get('big', 'default')).toEqual(
      api.store.get('wasmmodules', 'default', 'big'),
    );
  }, 60_000);
});

function sorted(object: object) {
  return Object.entries(object).sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
}
