import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { parse } from 'yaml';
import { actionContexts } from '../../__testUtils__/actionContext';
import { FakeModuleRegistry } from '../../__testUtils__/FakeModuleRegistry';
import { EMPTY_CORE_MODULE, FUNC_YAML } from '../../__testUtils__/modules';
import { createPushAction } from './createPushAction';

const FILES = { 'func.yaml': FUNC_YAML, 'module.wasm': EMPTY_CORE_MODULE };
const INPUT = { path: '.', modulePath: 'module.wasm' };
const DIGEST =
  'sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476';

describe('wasi:module:push', () => {
  const context = actionContexts();
  let registry: FakeModuleRegistry;
  let action: ReturnType<typeof createPushAction>;
  beforeEach(() => {
    registry = new FakeModuleRegistry();
    action = createPushAction({
      registry,
      maxModuleBytes: 1024,
      now: () => new Date('2026-01-02T03:04:05Z'),
    });
  });

  it('pushes by tag and outputs the image by digest', async () => {
    const { ctx, outputs } = await context({
      input: {
        ...INPUT,
        entityRef: 'component:default/hello',
        source: 'https://git.example.com/hello.git',
        revision: 'abc123',
        tools: { wizer: '8.0.0', jco: '1.34.0' },
      },
      files: FILES,
    });
    await action.handler(ctx);
    expect(outputs).toEqual({
      reference: 'registry.example.com/functions/hello:latest',
      image: `registry.example.com/functions/hello@${DIGEST}`,
      digest: DIGEST,
      deployable: true,
      size: 8,
    });
    expect(registry.pushes).toEqual([
      expect.objectContaining({
        reference: 'registry.example.com/functions/hello:latest',
        created: '2026-01-02T03:04:05.000Z',
        annotations: expect.objectContaining({
          'org.opencontainers.image.source':
            'https://git.example.com/hello.git',
          'org.opencontainers.image.revision': 'abc123',
          'backstage.io/entity-ref': 'component:default/hello',
          'wasm.serving.knative.dev/runtime': 'js-wasi',
          'wasm.serving.knative.dev/toolchain': 'jco 1.34.0, wizer 8.0.0',
        }),
      }),
    ]);
  });

  it.each([
    ['compat', 'knative-serving-wasm', 'FORMAT_NOT_PULLED'],
    ['wasm', 'istio', 'FORMAT_NOT_PULLED'],
    ['kpt', undefined, 'FORMAT_UNFIT'],
    ['istio-oci', 'istio', 'FORMAT_UNFIT'],
  ])(
    'refuses the format %s for %s before anything is sent',
    async (format, deployTo, code) => {
      const { ctx } = await context({
        input: { ...INPUT, format, deployTo },
        files: FILES,
      });
      await expect(action.handler(ctx)).rejects.toMatchObject({ code });
      expect(registry.pushes).toEqual([]);
    },
  );

  it('says of a container image that the runner cannot pull it', async () => {
    const { ctx, outputs } = await context({
      input: { ...INPUT, format: 'compat', deployTo: 'crun' },
      files: FILES,
    });
    await action.handler(ctx);
    expect(registry.pushes).toMatchObject([{ format: 'compat' }]);
    expect(outputs).toMatchObject({ deployable: false });
  });

  it('puts a module beside the platforms of an image that everybody may read', async () => {
    const { ctx } = await context({
      input: {
        ...INPUT,
        format: 'index',
        beside: 'registry.example.com/functions/server:1.0',
      },
      files: FILES,
    });
    await action.handler(ctx);
    expect(registry.pushes).toMatchObject([
      {
        format: 'index',
        beside: { image: 'registry.example.com/functions/server:1.0' },
      },
    ]);
  });

  it('pushes into a layout in the workspace', async () => {
    const { ctx, outputs } = await context({
      input: { ...INPUT, image: 'oci:dist/hello:1.0.0' },
      files: FILES,
    });
    await action.handler(ctx);
    expect(registry.pushes).toMatchObject([
      {
        reference: {
          kind: 'folder',
          name: 'oci:dist/hello',
          reference: '1.0.0',
        },
        annotations: { 'org.opencontainers.image.version': '1.0.0' },
      },
    ]);
    expect(outputs).toMatchObject({
      reference: 'oci:dist/hello:1.0.0',
      image: `oci:dist/hello@${DIGEST}`,
    });
  });

  it('pushes once when the task is retried', async () => {
    const { ctx } = await context({ input: INPUT, files: FILES });
    await action.handler(ctx);
    await action.handler(ctx);
    expect(registry.pushes).toHaveLength(1);
  });

  it('asks for the same artifact when an unchanged module is pushed by a later run, but for the time', async () => {
    const later = createPushAction({
      registry,
      maxModuleBytes: 1024,
      now: () => new Date('2027-01-01T00:00:00Z'),
    });
    for (const run of [action, later]) {
      const { ctx } = await context({ input: INPUT, files: FILES });
      await run.handler(ctx);
    }
    const [first, second] = registry.pushes.map(
      ({ path, onProgress, ...asked }) => asked,
    );
    expect(second).toEqual({ ...first, created: '2027-01-01T00:00:00.000Z' });
  });

  it('sends nothing in a dry run', async () => {
    const { ctx, outputs, lines } = await context({
      input: { ...INPUT, tag: '1.0.0' },
      files: { 'func.yaml': FUNC_YAML },
      isDryRun: true,
    });
    await action.handler(ctx);
    expect(registry.pushes).toEqual([]);
    expect(outputs.reference).toBe(
      'registry.example.com/functions/hello:1.0.0',
    );
    expect(lines.join('\n')).toContain('Dry run: would push to');
  });

  it('fails with the cause and the next step when the registry is down', async () => {
    registry.down = new WasiError('REGISTRY_UNREACHABLE', {
      message: 'Registry registry.example.com cannot be reached.',
    });
    const { ctx, outputs } = await context({ input: INPUT, files: FILES });
    await expect(action.handler(ctx)).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      remedy: expect.stringContaining('registry is running'),
    });
    expect(outputs).not.toHaveProperty('image');
  });

  it.each(['Registry.example.com/UPPER', 'a b', 'host/name:'])(
    'refuses the image reference "%s"',
    async image => {
      const { ctx } = await context({
        input: { ...INPUT, image },
        files: FILES,
      });
      await expect(action.handler(ctx)).rejects.toMatchObject({
        code: 'IMAGE_REFERENCE_INVALID',
      });
      expect(registry.pushes).toEqual([]);
    },
  );

  it.each([...(createPushAction({} as never).examples ?? [])])(
    'example runs: $description',
    async ({ example }) => {
      const { input } = parse(example).steps[0];
      const { ctx, outputs } = await context({
        input: { ...INPUT, ...input, modulePath: 'module.wasm' },
        files: FILES,
      });
      await action.handler(ctx);
      expect(outputs.digest).toBe(DIGEST);
    },
  );
});
