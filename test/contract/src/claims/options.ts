import { MERGE, wasmModule, type Scene } from '../Scene';

/** Options of requests that cannot be granted are refused, never ignored. */
export function describeOptions(scene: Scene) {
  const { send, create } = scene;
  const told = ({ code, body }: Awaited<ReturnType<typeof send>>) => [
    code,
    body.reason,
    body.message,
  ];

  describe('options', () => {
    it.each([
      [
        'dryRun=Some',
        'dryRun: Unsupported value: ["Some"]: supported values: "All"',
      ],
      [
        'fieldValidation=Lax',
        'fieldValidation: Unsupported value: "Lax": supported values: "", "Ignore", "Strict", "Warn"',
      ],
      [
        `fieldManager=${'m'.repeat(129)}`,
        'fieldManager: Too long: may not be more than 128 bytes',
      ],
      [
        'fieldManager=a%01',
        'fieldManager: Invalid value: "a\\x01": invalid character U+0001 (at position 1)',
      ],
    ])('of a creation are refused: %s', async (query, why) => {
      const answer = await send('POST', `${scene.modules}?${query}`, {
        body: wasmModule('one'),
      });
      expect(told(answer)).toEqual([
        422,
        'Invalid',
        `CreateOptions.meta.k8s.io "" is invalid: ${why}`,
      ]);
      expect((await send('GET', `${scene.modules}/one`)).code).toBe(404);
    });

    it('force nothing but an apply', async () => {
      await create('one');
      const answer = await send('PATCH', `${scene.modules}/one?force=true`, {
        contentType: MERGE,
        body: {},
      });
      expect(told(answer)).toEqual([
        422,
        'Invalid',
        'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
      ]);
    });

    it.each([
      [
        { propagationPolicy: 'Sideways' },
        'propagationPolicy: Unsupported value: "Sideways": supported values: "Foreground", "Background", "Orphan", "nil"',
      ],
      [
        { dryRun: ['Some'] },
        'dryRun: Unsupported value: ["Some"]: supported values: "All"',
      ],
    ])('of a deletion are refused: %j', async (body, why) => {
      await create('one');
      const answer = await send('DELETE', `${scene.modules}/one`, { body });
      expect(told(answer)).toEqual([
        422,
        'Invalid',
        `DeleteOptions.meta.k8s.io "" is invalid: ${why}`,
      ]);
      expect((await send('GET', `${scene.modules}/one`)).code).toBe(200);
    });

    it.each([
      [
        'resourceVersionMatch=Exact',
        'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
      ],
      [
        'resourceVersionMatch=Exact&resourceVersion=0',
        'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
      ],
      [
        'resourceVersionMatch=Near&resourceVersion=1',
        'Unsupported value: "Near": supported values: "Exact", "NotOlderThan", ""',
      ],
      [
        'watch=true&resourceVersionMatch=NotOlderThan&resourceVersion=1',
        'Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ],
      [
        'watch=true&sendInitialEvents=true',
        'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      ],
    ])('of a list are refused: %s', async (query, why) => {
      expect(told(await send('GET', `${scene.modules}?${query}`))).toEqual([
        422,
        'Invalid',
        `ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: ${why}`,
      ]);
    });
  });

  describe('limits', () => {
    it('are 1.5 MiB for one object, told in the words of etcd', async () => {
      const large = (bytes: number) =>
        wasmModule('one', { image: 'example/one', args: ['x'.repeat(bytes)] });
      const answer = await send('POST', scene.modules, {
        body: large(1_600_000),
      });
      expect(told(answer)).toEqual([
        500,
        undefined,
        'etcdserver: request is too large',
      ]);
      expect((await send('GET', `${scene.modules}/one`)).code).toBe(404);
      const kept = await send('POST', scene.modules, {
        body: large(1_400_000),
      });
      expect(kept.code).toBe(201);
    });

    it('are 3 MiB for one request', async () => {
      const answer = await send('POST', scene.modules, {
        body: wasmModule('one', { image: 'x'.repeat(3_200_000) }),
      });
      expect(told(answer)).toEqual([
        413,
        'RequestEntityTooLarge',
        expect.stringContaining('Request entity too large: limit is 3145728'),
      ]);
    });

    it('are 10 000 operations for one JSON patch', async () => {
      await create('one');
      const answer = await send('PATCH', `${scene.modules}/one`, {
        contentType: 'application/json-patch+json',
        body: Array.from({ length: 10_001 }, () => ({
          op: 'test',
          path: '/kind',
          value: 'WasmModule',
        })),
      });
      expect(told(answer)).toEqual([
        413,
        'RequestEntityTooLarge',
        'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
      ]);
    });
  });

  describe('what is sent to the wrong place', () => {
    it('is refused as another version', async () => {
      const answer = await send('POST', scene.modules, {
        body: {
          ...wasmModule('one'),
          apiVersion: 'wasm.serving.knative.dev/v2',
        },
      });
      expect(told(answer)).toEqual([
        400,
        'BadRequest',
        'the API version in the data (wasm.serving.knative.dev/v2) does not match the expected API version (wasm.serving.knative.dev/v1alpha1)',
      ]);
    });

    it('is refused as another kind', async () => {
      const answer = await send('POST', scene.modules, {
        body: { ...wasmModule('one'), kind: 'Gadget' },
      });
      expect(told(answer)).toEqual([
        422,
        'Invalid',
        'Gadget.wasm.serving.knative.dev "one" is invalid: kind: Invalid value: "Gadget": must be WasmModule',
      ]);
    });

    it('is refused as of another namespace', async () => {
      const answer = await send('POST', scene.modules, {
        body: {
          ...wasmModule('one'),
          metadata: { name: 'one', namespace: 'default' },
        },
      });
      expect(told(answer)).toEqual([
        400,
        'BadRequest',
        'the namespace of the provided object does not match the namespace sent on the request',
      ]);
    });

    it('is refused as of another name', async () => {
      await create('one');
      const answer = await send('PUT', `${scene.modules}/one`, {
        body: wasmModule('two'),
      });
      expect(told(answer)).toEqual([
        400,
        'BadRequest',
        'the name of the object (two) does not match the name on the URL (one)',
      ]);
    });
  });
}
