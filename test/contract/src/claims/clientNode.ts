import { EventEmitter, once } from 'node:events';
import {
  CustomObjectsApi,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  type KubernetesObject,
} from '@kubernetes/client-node';
import { MERGE, wasmModule, type Answer, type Scene } from '../Scene';

export function describeClientNode(scene: Scene) {
  const { send, create, client } = scene;
  describe('@kubernetes/client-node', () => {
    it('creates, reads, patches, replaces, lists and deletes', async () => {
      const objects = KubernetesObjectApi.makeApiClient(client());
      const created = await objects.create({
        ...wasmModule('one'),
        metadata: { name: 'one', namespace: scene.namespace },
      } as KubernetesObject);
      expect(created.metadata!.uid).toBeTruthy();
      const reference = {
        apiVersion: created.apiVersion!,
        kind: created.kind!,
        metadata: { name: 'one', namespace: scene.namespace },
      };
      const read = (await objects.read(reference)) as Answer;
      expect(read.spec).toEqual({ image: 'example/one' });
      const replaced = (await objects.replace({
        ...read,
        spec: { image: 'example/two' },
      })) as Answer;
      expect(replaced.metadata.generation).toBe(2);
      const applied = (await objects.patch(
        {
          ...wasmModule('one', { image: 'example/three' }),
          metadata: { name: 'one', namespace: scene.namespace },
        } as KubernetesObject,
        undefined,
        undefined,
        'portal',
        true,
        PatchStrategy.ServerSideApply,
      )) as Answer;
      expect(applied.spec.image).toBe('example/three');
      const list = await objects.list(
        reference.apiVersion,
        reference.kind,
        scene.namespace,
      );
      expect(list.items.map(item => item.metadata!.name)).toEqual(['one']);
      await objects.delete(reference);
      await expect(objects.read(reference)).rejects.toMatchObject({
        code: 404,
      });
    });

    it('follows changes with an informer', async () => {
      const custom = client().makeApiClient(CustomObjectsApi);
      const informer = makeInformer(client(), scene.modules, () =>
        custom.listNamespacedCustomObject({
          group: 'wasm.serving.knative.dev',
          version: 'v1alpha1',
          namespace: scene.namespace,
          plural: 'wasmmodules',
        }),
      );
      const seen: string[] = [];
      const heard = new EventEmitter();
      const note = (verb: string) => (object: KubernetesObject) => {
        seen.push(`${verb} ${object.metadata!.name}`);
        heard.emit('change');
      };
      informer.on('add', note('add'));
      informer.on('update', note('update'));
      informer.on('delete', note('delete'));
      const until = async (last: string) => {
        while (!seen.includes(last)) {
          await once(heard, 'change');
        }
      };
      await create('one');
      await informer.start();
      await until('add one');
      await create('two');
      await until('add two');
      await send('PATCH', `${scene.modules}/two`, {
        contentType: MERGE,
        body: { spec: { image: 'example/two' } },
      });
      await until('update two');
      await send('DELETE', `${scene.modules}/one`);
      await until('delete one');
      await informer.stop();
      expect(seen).toEqual(['add one', 'add two', 'update two', 'delete one']);
    });
  });
}
