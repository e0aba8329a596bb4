import { wasmModule, type Scene } from '../Scene';

export function describeUpdate(scene: Scene) {
  const { send, create } = scene;
  describe('update', () => {
    it('counts a generation for the spec, not for labels', async () => {
      const one = await create('one');
      const relabelled = await send('PUT', `${scene.modules}/one`, {
        body: { ...one, metadata: { ...one.metadata, labels: { a: 'b' } } },
      });
      expect(relabelled.body.metadata.generation).toBe(1);
      const changed = await send('PUT', `${scene.modules}/one`, {
        body: { ...relabelled.body, spec: { image: 'example/two' } },
      });
      expect(changed.body.metadata.generation).toBe(2);
    });

    it('refuses a stale version', async () => {
      const one = await create('one');
      await send('PUT', `${scene.modules}/one`, {
        body: { ...one, spec: { image: 'example/two' } },
      });
      const { code, body } = await send('PUT', `${scene.modules}/one`, {
        body: { ...one, spec: { image: 'example/three' } },
      });
      expect([code, body.reason, body.message]).toEqual([
        409,
        'Conflict',
        'Operation cannot be fulfilled on wasmmodules.wasm.serving.knative.dev "one": the object has been modified; please apply your changes to the latest version and try again',
      ]);
    });

    it('asks for the version of a custom resource', async () => {
      await create('one');
      const { code, body } = await send('PUT', `${scene.modules}/one`, {
        body: wasmModule('one'),
      });
      expect(code).toBe(422);
      expect(body.message).toContain(
        'metadata.resourceVersion: Invalid value: 0',
      );
      expect(body.message).toContain('must be specified for an update');
    });

    it('changes nothing, not even the version, for the same content', async () => {
      const one = await create('one');
      const { body } = await send('PUT', `${scene.modules}/one`, { body: one });
      expect(body.metadata.resourceVersion).toBe(one.metadata.resourceVersion);
    });

    it('keeps status and spec apart', async () => {
      const one = await create('one');
      const status = {
        conditions: [{ type: 'Ready', status: 'True' }],
      };
      const viaStatus = await send('PUT', `${scene.modules}/one/status`, {
        body: { ...one, spec: { image: 'example/ignored' }, status },
      });
      expect(viaStatus.body).toMatchObject({
        metadata: { generation: 1 },
        spec: { image: 'example/one' },
        status,
      });
      const viaMain = await send('PUT', `${scene.modules}/one`, {
        body: {
          ...viaStatus.body,
          spec: { image: 'example/two' },
          status: { conditions: [] },
        },
      });
      expect(viaMain.body).toMatchObject({
        metadata: { generation: 2 },
        spec: { image: 'example/two' },
        status,
      });
    });
  });
}
