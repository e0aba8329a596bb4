import type { WasiConfig } from '../config';
import * as encode from '../inspect/__testUtils__/encode';
import { HTTP_COMPONENT } from './__testUtils__/buildTester';
import { useWorkspace } from './__testUtils__/useWorkspace';

const workspace = useWorkspace();

/** 5 KiB and a little, most of it data. */
const LARGE = Buffer.from(
  encode.component(
    encode.instanceImports('wasi:http/types@0.2.3'),
    encode.section(
      1,
      encode.coreModule(
        encode.coreTypes,
        encode.section(11, new Array(5_000).fill(0)),
        encode.section(10, new Array(200).fill(0)),
      ),
    ),
    encode.instanceExports('wasi:http/incoming-handler@0.2.3'),
  ),
);

describe('the size budget of a module', () => {
  const build = async (
    sizeBudget: string | undefined,
    limits: Partial<WasiConfig['build']> = {},
    content = LARGE,
  ) => {
    await workspace.write('module.wasm', content);
    return workspace.build('prebuilt-wasi', { sizeBudget, limits });
  };
  const MESSAGE =
    'The module has 5.2 KiB; its budget is 4.0 KiB (func.yaml). Its largest parts: data 4.9 KiB, code 203 B,';

  it('of func.yaml warns, with the parts that make it large', async () => {
    const { findings } = await build('4Ki');

    expect(findings).toEqual([
      {
        code: 'MODULE_OVER_BUDGET',
        severity: 'warning',
        message: expect.stringContaining(MESSAGE),
        remedy: expect.stringContaining('build.optimize: size'),
        path: 'build.sizeBudget',
      },
    ]);
    expect(workspace.log.join('\n')).toContain(MESSAGE);
  });

  it('of the portal holds for its runtime, and func.yaml cannot raise it', async () => {
    const { findings } = await build('1Mi', {
      sizeBudgets: { 'prebuilt-wasi': 4096, 'js-wasi': 10 },
    });

    expect(findings.map(({ message }) => message)).toEqual([
      expect.stringContaining('4.0 KiB (this portal for prebuilt-wasi)'),
    ]);
  });

  it('ends the build where the portal says so, and leaves no module that is new', async () => {
    await expect(build('4Ki', { overBudget: 'fail' })).rejects.toMatchObject({
      code: 'MODULE_OVER_BUDGET',
      message: expect.stringContaining(MESSAGE),
      findings: [{ severity: 'error', path: 'build.sizeBudget' }],
    });
  });

  it.each([
    ['none is set', undefined, LARGE],
    ['the module fits', '6Ki', LARGE],
    [
      'the module has just the size',
      `${HTTP_COMPONENT.length}`,
      HTTP_COMPONENT,
    ],
  ])('says nothing where %s', async (_, sizeBudget, content) => {
    const { findings } = await build(
      sizeBudget,
      { overBudget: 'fail' },
      content,
    );

    expect(findings).toEqual([]);
  });
});
