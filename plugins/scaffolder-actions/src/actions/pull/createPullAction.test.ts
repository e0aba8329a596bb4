import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { actionContexts } from '../../__testUtils__/actionContext';
import { FakeModuleRegistry } from '../../__testUtils__/FakeModuleRegistry';
import { EMPTY_COMPONENT } from '../../__testUtils__/modules';
import { createPullAction } from './createPullAction';

const IMAGE = 'registry.example.com/functions/hello:1.0';

describe('wasi:module:pull', () => {
  const context = actionContexts();
  let registry: FakeModuleRegistry;
  let action: ReturnType<typeof createPullAction>;
  beforeEach(() => {
    registry = new FakeModuleRegistry();
    registry.module = EMPTY_COMPONENT;
    action = createPullAction({ registry, maxModuleBytes: 1024 });
  });

  it('writes the module into the workspace and tells where it was found', async () => {
    const { ctx, outputs, lines, workspacePath } = await context({
      input: { image: IMAGE, modulePath: 'dist/hello.wasm' },
    });
    await action.handler(ctx);
    expect(await readFile(join(workspacePath, 'dist/hello.wasm'))).toEqual(
      Buffer.from(EMPTY_COMPONENT),
    );
    expect(outputs).toEqual({
      modulePath: 'dist/hello.wasm',
      digest: `sha256:${'b'.repeat(64)}`,
      size: 8,
      format: 'compat',
      manifestDigest: `sha256:${'a'.repeat(64)}`,
    });
    expect(lines).toEqual([
      `Pulled 8 bytes of ${IMAGE} (wasi/wasm /hello.wasm), kept as Container image for wasi/wasm, into dist/hello.wasm.`,
    ]);
  });

  it('reads without the account of the portal, unless the template lends it', async () => {
    for (const withAccount of [false, true]) {
      const { ctx } = await context({
        input: { image: IMAGE, modulePath: 'module.wasm', withAccount },
      });
      await action.handler(ctx);
    }
    expect(registry.pulls).toEqual([{ image: IMAGE }, IMAGE]);
  });

  it('writes nothing in a dry run', async () => {
    const { ctx, lines } = await context({
      input: { image: IMAGE, modulePath: 'module.wasm' },
      isDryRun: true,
    });
    await action.handler(ctx);
    expect(registry.pulls).toEqual([]);
    expect(lines).toEqual([`Dry run: would pull ${IMAGE}.`]);
  });

  it.each([
    ['image', 'oci:../layout:1.0'],
    ['modulePath', '../module.wasm'],
  ])(
    'refuses a path in %s that leads out of the workspace',
    async (field, value) => {
      const { ctx } = await context({
        input: { image: IMAGE, modulePath: 'module.wasm', [field]: value },
      });
      await expect(action.handler(ctx)).rejects.toMatchObject({
        code: 'SOURCE_PATH_ESCAPES',
      });
      expect(registry.pulls).toEqual([]);
    },
  );

  it.each([...(createPullAction({} as never).examples ?? [])])(
    'example runs: $description',
    async ({ example }) => {
      const { ctx, outputs } = await context({
        input: { modulePath: 'module.wasm', ...parse(example).steps[0].input },
      });
      await action.handler(ctx);
      expect(outputs.format).toBe('compat');
    },
  );
});
