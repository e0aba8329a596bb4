import { join } from 'node:path';
import type {
  BuildOptions,
  BuiltModule,
  Toolchains,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { actionContexts } from '../../__testUtils__/actionContext';
import { createBuildAction } from './createBuildAction';

const FUNC_YAML = 'name: hello\nruntime: js-wasi\n';

describe('wasi:module:build', () => {
  const context = actionContexts();
  let requests: BuildOptions[];

  beforeEach(() => {
    requests = [];
  });

  /** The action over a builder that answers this. */
  function actionWith(
    built: Partial<BuiltModule>,
    missing: Awaited<ReturnType<Toolchains['check']>> = [],
  ) {
    return createBuildAction({
      builder: {
        async build(request) {
          requests.push(request);
          return {
            path: join(request.directory, 'module.wasm'),
            size: 12_165_222,
            durationMs: 5_432,
            phases: [],
            tools: {},
            unchanged: false,
            findings: [],
            ...built,
          };
        },
      },
      toolchains: {
        check: async () => missing,
      } as Partial<Toolchains> as Toolchains,
    });
  }

  it('tells what was built, by what, and what took how long', async () => {
    const { ctx, lines, outputs } = await context({
      input: { path: 'fn' },
      files: { 'fn/func.yaml': FUNC_YAML },
    });
    const phases = [
      { name: 'compile' as const, durationMs: 5_000 },
      { name: 'optimise' as const, durationMs: 100 },
    ];
    await actionWith({
      sizeBefore: 12_900_000,
      phases,
      tools: { jco: '1.34.0' },
    }).handler(ctx);

    expect(outputs).toEqual({
      modulePath: 'fn/module.wasm',
      size: 12_165_222,
      sizeBefore: 12_900_000,
      durationMs: 5_432,
      phases,
      warnings: [],
      unchanged: false,
      tools: { jco: '1.34.0' },
    });
    expect(lines.at(-1)).toBe('Built fn/module.wasm: 11.6 MiB in 5.4 s.');
  });

  it('says that nothing was built where nothing had changed', async () => {
    const { ctx, lines, outputs } = await context({
      input: { path: '.' },
      files: { 'func.yaml': FUNC_YAML },
    });
    await actionWith({ unchanged: true }).handler(ctx);

    expect(outputs).toMatchObject({ unchanged: true });
    expect(lines.at(-1)).toBe(
      'Unchanged, built before: module.wasm, 11.6 MiB.',
    );
  });

  it('hands on what is wrong though the build stands', async () => {
    const { ctx, outputs } = await context({
      input: { path: '.' },
      files: { 'func.yaml': FUNC_YAML },
    });
    await actionWith({
      findings: [
        {
          code: 'MODULE_OVER_BUDGET',
          severity: 'warning',
          message:
            'The module has 11.6 MiB; its budget is 5.0 MiB (func.yaml).',
          remedy: 'Depend on less.',
        },
      ],
    }).handler(ctx);

    expect(outputs.warnings).toEqual([
      'The module has 11.6 MiB; its budget is 5.0 MiB (func.yaml).',
    ]);
  });

  it('builds with the runtime that the sources tell, and says why', async () => {
    const { ctx, lines } = await context({
      input: { path: '.' },
      files: { 'func.yaml': 'name: hello\n', 'go.mod': 'module hello\n' },
    });
    await actionWith({}).handler(ctx);

    expect(requests.map(({ funcConfig }) => funcConfig.runtime)).toEqual([
      'go-wasi',
    ]);
    expect(lines[0]).toContain('runtime go-wasi, because go.mod');
  });

  it('does not build where func.yaml asks for what a build must not have', async () => {
    const { ctx } = await context({
      input: { path: '.' },
      files: {
        'func.yaml': `${FUNC_YAML}build:\n  buildEnvs:\n    - name: PATH\n      value: /evil\n`,
      },
    });
    await expect(actionWith({}).handler(ctx)).rejects.toMatchObject({
      code: 'BUILD_ENV_REFUSED',
    });
    expect(requests).toEqual([]);
  });

  it('names what is missing in a dry run, and builds nothing', async () => {
    const { ctx } = await context({
      input: { path: '.' },
      files: { 'func.yaml': FUNC_YAML },
      isDryRun: true,
    });
    await expect(
      actionWith({}, [
        {
          code: 'TOOLCHAIN_MISSING',
          severity: 'error',
          message: 'jco is missing.',
          remedy: 'Install it.',
        },
      ]).handler(ctx),
    ).rejects.toMatchObject({
      code: 'TOOLCHAIN_MISSING',
      message: expect.stringContaining('jco is missing. Install it.'),
    });
    expect(requests).toEqual([]);
  });
});
