import { parse } from 'yaml';
import { actionContexts } from '../../__testUtils__/actionContext';
import {
  EMPTY_COMPONENT,
  EMPTY_CORE_MODULE,
} from '../../__testUtils__/modules';
import { createInspectAction } from './createInspectAction';

const INPUT = { modulePath: 'module.wasm', requireHttp: true };

describe('wasi:module:inspect', () => {
  const context = actionContexts();
  const action = createInspectAction({ maxModuleBytes: 1024 });

  it('refuses a core module where a component is needed', async () => {
    const { ctx, outputs } = await context({
      input: INPUT,
      files: { 'module.wasm': EMPTY_CORE_MODULE },
    });
    await expect(action.handler(ctx)).rejects.toMatchObject({
      name: 'InputError',
      code: 'MODULE_IS_CORE',
      remedy: expect.stringContaining('wasm32-wasip2'),
    });
    expect(outputs).toEqual({});
  });

  it('refuses a component that does not answer HTTP', async () => {
    const { ctx } = await context({
      input: INPUT,
      files: { 'module.wasm': EMPTY_COMPONENT },
    });
    await expect(action.handler(ctx)).rejects.toMatchObject({
      code: 'MODULE_NOT_HTTP',
    });
  });

  it('tells what a module is when HTTP is not asked for', async () => {
    const { ctx, outputs } = await context({
      input: { ...INPUT, requireHttp: false },
      files: { 'module.wasm': EMPTY_CORE_MODULE },
    });
    await action.handler(ctx);
    expect(outputs).toMatchObject({
      kind: 'module',
      size: 8,
      digest:
        'sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476',
      capabilities: [],
    });
  });

  it('refuses a file that is no WebAssembly', async () => {
    const { ctx } = await context({
      input: INPUT,
      files: { 'module.wasm': 'not wasm at all' },
    });
    await expect(action.handler(ctx)).rejects.toMatchObject({
      code: 'MODULE_NOT_WASM',
    });
  });

  it('refuses a file that is too large before it reads it', async () => {
    const { ctx } = await context({
      input: INPUT,
      files: { 'module.wasm': new Uint8Array(2048) },
    });
    await expect(action.handler(ctx)).rejects.toMatchObject({
      code: 'MODULE_TOO_LARGE',
    });
  });

  it('refuses a path out of the workspace', async () => {
    const { ctx } = await context({
      input: { ...INPUT, modulePath: '../module.wasm' },
    });
    await expect(action.handler(ctx)).rejects.toMatchObject({
      code: 'SOURCE_PATH_ESCAPES',
    });
  });

  it.each(action.examples ?? [])(
    'example names inputs that the action has: $description',
    async ({ example }) => {
      const { input } = parse(example).steps[0];
      expect(Object.keys(INPUT)).toEqual(
        expect.arrayContaining(Object.keys(input)),
      );
    },
  );
});
