import { GROUP, wasmModule, type Answer, type Scene } from '../Scene';

export function describeCreate(scene: Scene) {
  const { send, create } = scene;
  describe('create', () => {
    it('gives identity, and counts the first generation', async () => {
      const created = await create('one');
      expect(created).toMatchObject({
        apiVersion: 'wasm.serving.knative.dev/v1alpha1',
        kind: 'WasmModule',
        metadata: {
          name: 'one',
          namespace: scene.namespace,
          generation: 1,
          uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
          resourceVersion: expect.stringMatching(/^\d+$/),
          creationTimestamp: expect.stringMatching(
            /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
          ),
        },
        spec: { image: 'example/one' },
      });
      expect(
        (await send('GET', `${scene.modules}/one`)).body.metadata
          .resourceVersion,
      ).toBe(created.metadata.resourceVersion);
    });

    it('completes a generated name', async () => {
      const { body } = await send('POST', scene.modules, {
        body: { ...wasmModule(''), metadata: { generateName: 'one-' } },
      });
      expect(body.metadata.name).toMatch(/^one-[a-z0-9]{5}$/);
    });

    it('ignores a status that is sent along', async () => {
      const { body } = await send('POST', scene.modules, {
        body: { ...wasmModule('one'), status: { observedGeneration: 7 } },
      });
      expect(body.status).toBeUndefined();
    });

    it('refuses a name that is taken', async () => {
      await create('one');
      const { code, body } = await send('POST', scene.modules, {
        body: wasmModule('one'),
      });
      expect(code).toBe(409);
      expect(body).toMatchObject({
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        reason: 'AlreadyExists',
        code: 409,
        message: 'wasmmodules.wasm.serving.knative.dev "one" already exists',
      });
    });

    it('refuses a namespace that does not exist', async () => {
      const { code, body } = await send(
        'POST',
        `${GROUP}/namespaces/nowhere/wasmmodules`,
        { body: wasmModule('one') },
      );
      expect([code, body.reason, body.message]).toEqual([
        404,
        'NotFound',
        'namespaces "nowhere" not found',
      ]);
    });

    it.each([
      ['Upper', /a lowercase RFC 1123 subdomain must consist of/],
      ['under_score', /a lowercase RFC 1123 subdomain must consist of/],
      ['-dash', /a lowercase RFC 1123 subdomain must consist of/],
      ['x'.repeat(254), /must be no more than 253/],
    ])('refuses the name %p', async (name, message) => {
      const { code, body } = await send('POST', scene.modules, {
        body: wasmModule(name),
      });
      expect([code, body.reason]).toEqual([422, 'Invalid']);
      expect(body.message).toMatch(message);
      expect(body.details.causes[0].field).toBe('metadata.name');
    });

    it('names every fault of the spec at once', async () => {
      const { code, body } = await send('POST', scene.modules, {
        body: wasmModule('one', {
          args: 'text',
          env: [{ value: 'x' }],
        }),
      });
      expect(code).toBe(422);
      expect(body.reason).toBe('Invalid');
      expect(
        Object.fromEntries(
          body.details.causes.map((cause: Answer) => [
            cause.field,
            cause.reason,
          ]),
        ),
      ).toMatchObject({
        'spec.image': 'FieldValueRequired',
        'spec.args': 'FieldValueTypeInvalid',
        'spec.env[0].name': 'FieldValueRequired',
      });
    });

    it('fills in defaults of the schema', async () => {
      const { spec } = await create('one', {
        image: 'example/one',
        env: [{ name: 'A', valueFrom: { secretKeyRef: { key: 'k' } } }],
      });
      expect(spec.env[0].valueFrom.secretKeyRef).toEqual({
        key: 'k',
        name: '',
      });
    });

    it('drops unknown fields and warns of them', async () => {
      const { code, body, headers } = await send('POST', scene.modules, {
        body: wasmModule('one', { image: 'example/one', imge: 'x' }),
      });
      expect(code).toBe(201);
      expect(body.spec).toEqual({ image: 'example/one' });
      expect(headers.warning).toBe('299 - "unknown field \\"spec.imge\\""');
    });

    it('refuses unknown fields where asked to be strict', async () => {
      const { code, body } = await send(
        'POST',
        `${scene.modules}?fieldValidation=Strict`,
        { body: wasmModule('one', { image: 'example/one', imge: 'x' }) },
      );
      expect([code, body.reason]).toEqual([400, 'BadRequest']);
      expect(body.message).toContain(
        'strict decoding error: unknown field "spec.imge"',
      );
    });

    it('keeps nothing in a dry run', async () => {
      const { code } = await send('POST', `${scene.modules}?dryRun=All`, {
        body: wasmModule('one'),
      });
      expect(code).toBe(201);
      expect((await send('GET', `${scene.modules}/one`)).code).toBe(404);
    });
  });
}
