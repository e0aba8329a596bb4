import { MERGE, wasmModule, type Answer, type Scene } from '../Scene';

export function describeDelete(scene: Scene) {
  const { send, create } = scene;
  describe('delete', () => {
    it('removes, and says what', async () => {
      const one = await create('one');
      const { code, body } = await send('DELETE', `${scene.modules}/one`, {
        body: { propagationPolicy: 'Background' },
      });
      expect(code).toBe(200);
      expect(body).toMatchObject({
        kind: 'Status',
        status: 'Success',
        details: {
          name: 'one',
          group: 'wasm.serving.knative.dev',
          kind: 'wasmmodules',
          uid: one.metadata.uid,
        },
      });
      const gone = await send('GET', `${scene.modules}/one`);
      expect([gone.code, gone.body.message]).toEqual([
        404,
        'wasmmodules.wasm.serving.knative.dev "one" not found',
      ]);
    });

    it('waits for finalizers', async () => {
      await send('POST', scene.modules, {
        body: {
          ...wasmModule('one'),
          metadata: { name: 'one', finalizers: ['example.com/wait'] },
        },
      });
      const { body } = await send('DELETE', `${scene.modules}/one`);
      expect(body.metadata.deletionTimestamp).toMatch(/Z$/);
      expect((await send('GET', `${scene.modules}/one`)).code).toBe(200);
      const added = await send('PATCH', `${scene.modules}/one`, {
        contentType: MERGE,
        body: {
          metadata: { finalizers: ['example.com/wait', 'example.com/more'] },
        },
      });
      expect([added.code, added.body.message]).toEqual([
        422,
        expect.stringContaining('no new finalizers can be added'),
      ]);
      await send('PATCH', `${scene.modules}/one`, {
        contentType: MERGE,
        body: { metadata: { finalizers: null } },
      });
      expect((await send('GET', `${scene.modules}/one`)).code).toBe(404);
    });

    it('refuses another object of the same name', async () => {
      await create('one');
      const { code, body } = await send('DELETE', `${scene.modules}/one`, {
        body: {
          preconditions: { uid: '00000000-0000-0000-0000-000000000000' },
        },
      });
      expect([code, body.reason]).toEqual([409, 'Conflict']);
      expect(body.message).toMatch(
        /the UID in the precondition \(0{8}-.*\) does not match the UID in record \(.*\)\. The object might have been deleted and then recreated$/,
      );
      expect((await send('GET', `${scene.modules}/one`)).code).toBe(200);
    });

    it('removes the selected ones of a collection', async () => {
      await create('one');
      await send('POST', scene.modules, {
        body: {
          ...wasmModule('two'),
          metadata: { name: 'two', labels: { a: '1' } },
        },
      });
      await send('DELETE', `${scene.modules}?labelSelector=a%3D1`);
      const { body } = await send('GET', scene.modules);
      expect(body.items.map((item: Answer) => item.metadata.name)).toEqual([
        'one',
      ]);
    });
  });
}
