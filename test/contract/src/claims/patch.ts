import { MERGE, type Scene } from '../Scene';

export function describePatch(scene: Scene) {
  const { send, create } = scene;
  describe('patch', () => {
    it('merges, and removes by null', async () => {
      await create('one', { image: 'example/one', args: ['a'] });
      const { body } = await send('PATCH', `${scene.modules}/one`, {
        contentType: MERGE,
        body: { spec: { args: null, image: 'example/two' } },
      });
      expect(body.spec).toEqual({ image: 'example/two' });
    });

    it('performs the operations of a JSON patch', async () => {
      await create('one', { image: 'example/one', args: ['a', 'b'] });
      const { body } = await send('PATCH', `${scene.modules}/one`, {
        contentType: 'application/json-patch+json',
        body: [
          { op: 'test', path: '/spec/image', value: 'example/one' },
          { op: 'add', path: '/spec/args/-', value: 'c' },
          { op: 'remove', path: '/spec/args/0' },
          { op: 'add', path: '/metadata/labels', value: { 'a/b': 'c' } },
          { op: 'replace', path: '/metadata/labels/a~1b', value: 'd' },
        ],
      });
      expect(body.spec.args).toEqual(['b', 'c']);
      expect(body.metadata.labels).toEqual({ 'a/b': 'd' });
    });

    it('refuses a JSON patch whose test fails', async () => {
      await create('one');
      const { code, body } = await send('PATCH', `${scene.modules}/one`, {
        contentType: 'application/json-patch+json',
        body: [{ op: 'test', path: '/spec/image', value: 'example/else' }],
      });
      expect([code, body.reason]).toEqual([422, 'Invalid']);
    });

    it('has no strategic merge for custom resources', async () => {
      await create('one');
      const { code, body } = await send('PATCH', `${scene.modules}/one`, {
        contentType: 'application/strategic-merge-patch+json',
        body: { spec: { image: 'example/two' } },
      });
      expect([code, body.reason]).toEqual([415, 'UnsupportedMediaType']);
    });

    it('refuses a patch for a version that has passed', async () => {
      const one = await create('one');
      await send('PATCH', `${scene.modules}/one`, {
        contentType: MERGE,
        body: { spec: { image: 'example/two' } },
      });
      const { code, body } = await send('PATCH', `${scene.modules}/one`, {
        contentType: MERGE,
        body: {
          metadata: { resourceVersion: one.metadata.resourceVersion },
          spec: { image: 'example/three' },
        },
      });
      expect([code, body.reason]).toEqual([409, 'Conflict']);
    });

    it('merges the finalizers of a built-in kind strategically', async () => {
      const path = `/api/v1/namespaces/${scene.namespace}/configmaps`;
      await send('POST', path, {
        body: {
          metadata: { name: 'one', finalizers: ['example.com/a'] },
          data: { a: '1', b: '2' },
        },
      });
      const patched = await send('PATCH', `${path}/one`, {
        contentType: 'application/strategic-merge-patch+json',
        body: {
          metadata: { finalizers: ['example.com/b'] },
          data: { b: null, c: '3' },
        },
      });
      expect([...patched.body.metadata.finalizers].sort()).toEqual([
        'example.com/a',
        'example.com/b',
      ]);
      expect(patched.body.data).toEqual({ a: '1', c: '3' });
      await send('PATCH', `${path}/one`, {
        contentType: MERGE,
        body: { metadata: { finalizers: null } },
      });
    });
  });
}
