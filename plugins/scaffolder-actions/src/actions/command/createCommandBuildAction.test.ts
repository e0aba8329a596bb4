import type { CommandBuildOptions } from '@wasi-functions/backstage-plugin-wasi-node';
import { actionContexts } from '../../__testUtils__/actionContext';
import { createCommandBuildAction } from './createCommandBuildAction';

describe('wasi:command:build', () => {
  const context = actionContexts();
  let builds: CommandBuildOptions[];
  const action = createCommandBuildAction({
    builder: {
      async build(options) {
        builds.push(options);
        const { directory, output, target } = options;
        return {
          path: `${directory}/${output}`,
          ...(target === 'emscripten-js' && {
            hostPath: `${directory}/module.js`,
          }),
          size: 7,
          tools: { go: '1.26.0' },
        };
      },
    },
  });
  beforeEach(() => {
    builds = [];
  });

  it('builds what the inputs name and tells where it lies in the workspace', async () => {
    const { ctx, outputs, workspacePath } = await context({
      input: {
        path: 'tool',
        language: 'go',
        target: 'js',
        source: './cmd/app',
      },
      files: { 'tool/go.mod': '' },
    });
    await action.handler(ctx);
    expect(builds).toEqual([
      {
        directory: `${workspacePath}/tool`,
        language: 'go',
        target: 'js',
        source: './cmd/app',
        output: 'module.wasm',
        signal: undefined,
        log: expect.any(Function),
      },
    ]);
    expect(outputs).toEqual({
      modulePath: 'tool/module.wasm',
      size: 7,
      tools: { go: '1.26.0' },
    });
  });

  it('tells where the JavaScript is that hosts a module', async () => {
    const { ctx, outputs } = await context({
      input: { language: 'c', target: 'emscripten-js' },
    });
    await action.handler(ctx);
    expect(outputs).toMatchObject({
      modulePath: 'module.wasm',
      hostPath: 'module.js',
    });
  });

  it('refuses a folder outside the workspace', async () => {
    const { ctx } = await context({ input: { path: '..', language: 'c' } });
    await expect(action.handler(ctx)).rejects.toMatchObject({
      code: 'SOURCE_PATH_ESCAPES',
    });
    expect(builds).toEqual([]);
  });

  it('builds nothing in a dry run', async () => {
    const { ctx, outputs } = await context({
      input: { language: 'c' },
      isDryRun: true,
    });
    await action.handler(ctx);
    expect(builds).toEqual([]);
    expect(outputs).toEqual({ modulePath: 'module.wasm', size: 0, tools: {} });
  });
});
