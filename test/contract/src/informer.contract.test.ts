import { EventEmitter, once } from 'node:events';
import {
  CustomObjectsApi,
  KubeConfig,
  makeInformer,
  type Informer,
  type KubernetesObject,
  type ObjectCache,
} from '@kubernetes/client-node';
import { kubeconfig } from '@wasi-functions/local-platform';
import {
  WatchedEvents,
  type Answer,
} from '@wasi-functions/local-platform/testing';
import { CuttableLine } from './CuttableLine';
import {
  restartableTargets,
  type RestartableTarget,
} from './restartableTargets';
import { MERGE, Scene } from './Scene';

jest.setTimeout(60_000);

/** Pause of a client before it asks again a server that is away. */
const RETRY_MS = 20;

for (const { title, present, start, forget } of restartableTargets) {
  const describeWith = present ? describe : describe.skip;
  describeWith(`an informer of @kubernetes/client-node on ${title}`, () => {
    const scene = new Scene();
    let target: RestartableTarget;
    let line: CuttableLine;
    let informer: Informer<KubernetesObject> & ObjectCache<KubernetesObject>;
    let heard: EventEmitter;
    let stopped: boolean;

    const list = async () =>
      (await scene.send('GET', scene.modules)).body as Answer;
    const remove = (name: string) =>
      scene.send('DELETE', `${scene.modules}/${name}`);
    const consistent = async () => {
      const wanted = versions((await list()).items);
      for (;;) {
        const change = once(heard, 'change');
        if (versions(informer.list()) === wanted) {
          return;
        }
        await change;
      }
    };

    beforeAll(async () => {
      target = await start();
      await scene.open(async () => target);
    }, 120_000);
    afterAll(() => scene.close(), 60_000);

    beforeEach(async () => {
      await scene.enter();
      line = await CuttableLine.to(Number(new URL(target.server).port));
      const config = new KubeConfig();
      config.loadFromString(
        kubeconfig({
          server: line.server,
          caCertificate: target.caCertificate,
          token: target.adminToken,
        }),
      );
      const custom = config.makeApiClient(CustomObjectsApi);
      informer = makeInformer(config, scene.modules, () =>
        custom.listNamespacedCustomObject({
          group: 'wasm.serving.knative.dev',
          version: 'v1alpha1',
          namespace: scene.namespace,
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
      await scene.create('one');
      await informer.start();
      await consistent();
    });
    afterEach(async () => {
      stopped = true;
      await informer.stop();
      line.close();
    });

    it('has everything again after the line was cut', async () => {
      line.cut();
      await scene.create('two');
      await remove('one');
      await consistent();
      await scene.create('three');
      await consistent();
      expect(informer.list()).toHaveLength(2);
    });

    it('has everything again after its version was forgotten', async () => {
      const { resourceVersion } = (await list()).metadata;
      line.goDown();
      await forget(target, async count => {
        for (let index = 0; index < count; index += 1) {
          await scene.create(`many-${index}`);
        }
      });
      await remove('one');
      const watch = await WatchedEvents.open(
        target,
        `${scene.modules}?watch=true&resourceVersion=${resourceVersion}`,
      );
      const first = await watch.next();
      watch.close();
      expect([first.type, first.object.code]).toEqual(['ERROR', 410]);
      line.comeUp();
      await consistent();
      await scene.create('last');
      await consistent();
      expect(informer.get('one', scene.namespace)).toBeUndefined();
    });

    it('has everything again after a restart', async () => {
      for (const name of ['two', 'three']) {
        await target.restart();
        await scene.create(name);
        await remove('one');
        await scene.create('one');
        await consistent();
      }
      expect(informer.list()).toHaveLength(3);
    });

    it('has everything again after a cut in the middle of an event', async () => {
      await scene.create('big');
      await consistent();
      line.cutAfter(500);
      await scene.send('PATCH', `${scene.modules}/big`, {
        contentType: MERGE,
        body: { spec: { args: ['x'.repeat(100_000)] } },
      });
      await consistent();
      const { body } = await scene.send('GET', `${scene.modules}/big`);
      expect(informer.get('big', scene.namespace)).toEqual(body);
    });
  });
}

function versions(
  objects: readonly {
    metadata?: { name?: string; resourceVersion?: string };
  }[],
): string {
  return objects
    .map(({ metadata }) => `${metadata!.name} ${metadata!.resourceVersion}`)
    .sort()
    .join('\n');
}
