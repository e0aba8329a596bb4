import { APPLY, MERGE, owners, wasmModule, type Scene } from '../Scene';

export function describeApply(scene: Scene) {
  const { send, applyAs } = scene;
  describe('server-side apply', () => {
    it('creates, and owns what it sets', async () => {
      const { code, body } = await applyAs('portal', {
        ...wasmModule('one', { image: 'example/one', args: ['a'] }),
        metadata: { name: 'one', labels: { a: 'b' } },
      });
      expect(code).toBe(201);
      expect(owners(body)).toEqual({
        'portal Apply': {
          'f:metadata': { 'f:labels': { 'f:a': {} } },
          'f:spec': { 'f:args': {}, 'f:image': {} },
        },
      });
    });

    it('is safe to repeat', async () => {
      const first = await applyAs('portal', wasmModule('one'));
      const second = await applyAs('portal', wasmModule('one'));
      expect(second.code).toBe(200);
      expect(second.body.metadata.resourceVersion).toBe(
        first.body.metadata.resourceVersion,
      );
    });

    it('removes what its manager no longer names', async () => {
      await applyAs(
        'portal',
        wasmModule('one', { image: 'example/one', args: ['a'] }),
      );
      const { body } = await applyAs('portal', wasmModule('one'));
      expect(body.spec).toEqual({ image: 'example/one' });
    });

    it('keeps what another manager owns too', async () => {
      const spec = { image: 'example/one', args: ['a'] };
      await applyAs('portal', wasmModule('one', spec));
      await applyAs('other', wasmModule('one', spec));
      const { body } = await applyAs('portal', wasmModule('one'));
      expect(body.spec).toEqual(spec);
      expect(owners(body)['other Apply']).toEqual({
        'f:spec': { 'f:args': {}, 'f:image': {} },
      });
    });

    it('refuses to change what another manager applied', async () => {
      await applyAs('portal', wasmModule('one'));
      const { code, body } = await applyAs(
        'other',
        wasmModule('one', { image: 'example/two' }),
      );
      expect([code, body.reason]).toEqual([409, 'Conflict']);
      expect(body.message).toBe(
        'Apply failed with 1 conflict: conflict with "portal": .spec.image',
      );
      expect(body.details.causes).toEqual([
        {
          reason: 'FieldManagerConflict',
          message: 'conflict with "portal"',
          field: '.spec.image',
        },
      ]);
    });

    it('takes over by force', async () => {
      await applyAs('portal', wasmModule('one'));
      const { code, body } = await applyAs(
        'other',
        wasmModule('one', { image: 'example/two' }),
        '&force=true',
      );
      expect([code, body.spec.image]).toEqual([200, 'example/two']);
      expect(Object.keys(owners(body))).toEqual(['other Apply']);
    });

    it('refuses to change what an update has set', async () => {
      await applyAs('portal', wasmModule('one'));
      await send('PATCH', `${scene.modules}/one?fieldManager=editor`, {
        contentType: MERGE,
        body: { spec: { image: 'example/two' } },
      });
      const { code, body } = await applyAs('portal', wasmModule('one'));
      expect(code).toBe(409);
      expect(body.message).toMatch(
        /^Apply failed with 1 conflict: conflict with "editor" using wasm\.serving\.knative\.dev\/v1alpha1.*: \.spec\.image$/,
      );
    });

    it('leaves the status to those who write it', async () => {
      await applyAs('portal', wasmModule('one'));
      const one = (await send('GET', `${scene.modules}/one`)).body;
      await send('PUT', `${scene.modules}/one/status?fieldManager=controller`, {
        body: { ...one, status: { observedGeneration: 1 } },
      });
      const { body } = await applyAs(
        'portal',
        wasmModule('one', { image: 'example/two' }),
      );
      expect(body.status).toEqual({ observedGeneration: 1 });
      expect(Object.keys(owners(body)).sort()).toEqual([
        'controller Update status',
        'portal Apply',
      ]);
    });

    it('creates no second object under the identity of the first', async () => {
      const one = (await applyAs('portal', wasmModule('one'))).body;
      await send('DELETE', `${scene.modules}/one`);
      const { code, body } = await applyAs('portal', {
        ...wasmModule('one'),
        metadata: { name: 'one', uid: one.metadata.uid } as { name: string },
      });
      expect([code, body.reason, body.message]).toEqual([
        409,
        'Conflict',
        `Operation cannot be fulfilled on wasmmodules.wasm.serving.knative.dev "one": uid mismatch: the provided object specified uid ${one.metadata.uid}, and no existing object was found`,
      ]);
    });

    it('wants to know who applies', async () => {
      const { code, body } = await send('PATCH', `${scene.modules}/one`, {
        body: wasmModule('one'),
        contentType: APPLY,
      });
      expect(code).toBe(422);
      expect(body.message).toContain('fieldManager: Required value');
    });

    it('keeps nothing in a dry run', async () => {
      await applyAs('portal', wasmModule('one'), '&dryRun=All');
      expect((await send('GET', `${scene.modules}/one`)).code).toBe(404);
    });
  });
}
