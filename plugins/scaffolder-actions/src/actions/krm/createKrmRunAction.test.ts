import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  ArtifactPlace,
  ModuleCommand,
  ModuleEngine,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { parse, stringify } from 'yaml';
import { actionContexts } from '../../__testUtils__/actionContext';
import { FakeModuleRegistry } from '../../__testUtils__/FakeModuleRegistry';
import { EMPTY_CORE_MODULE } from '../../__testUtils__/modules';
import { createKrmRunAction } from './createKrmRunAction';

jest.setTimeout(30_000);

const CONFIG_MAP = `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  team: none
`;
const KPTFILE = `apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: package
pipeline:
  mutators:
    - image: registry.example.com/set-team:1.0.0
      configMap:
        team: blue
`;

describe('wasi:krm:run', () => {
  const context = actionContexts();
  let registry: FakeModuleRegistry;
  let pulled: string[];
  let commands: ModuleCommand[];

  /** Every module sets `team` of each ConfigMap to what its configMap says. */
  const engine = {
    async runCommand(command: ModuleCommand) {
      commands.push(command);
      const list = parse(String(command.stdin));
      for (const item of list.items) {
        if (item.kind === 'ConfigMap') {
          item.data.team = list.functionConfig?.data.team ?? item.data.team;
        }
      }
      list.results = [{ message: 'painted', severity: 'info' }];
      return { exitCode: 0, stdout: stringify(list), stderr: '' };
    },
  } as unknown as ModuleEngine;

  const action = () =>
    createKrmRunAction({ engine, registry, maxModuleBytes: 1024 });

  beforeEach(() => {
    commands = [];
    pulled = [];
    registry = new FakeModuleRegistry();
    registry.pull = async (
      source: ArtifactPlace,
      path?: string,
      limits?: { maxBytes: number },
    ) => {
      pulled.push(`${JSON.stringify(source)} ${limits?.maxBytes}`);
      await writeFile(path!, EMPTY_CORE_MODULE);
      return { digest: '', size: 8, manifestDigest: '' } as never;
    };
  });

  it('runs the pipeline of the Kptfile with functions from the registry', async () => {
    const { ctx, outputs, lines, workspacePath } = await context({
      input: { path: 'package' },
      files: { 'package/Kptfile': KPTFILE, 'package/a.yaml': CONFIG_MAP },
    });
    await action().handler(ctx);
    // An object: without the account of the portal.
    expect(pulled).toEqual([
      '{"image":"registry.example.com/set-team:1.0.0"} 1024',
    ]);
    expect(outputs).toEqual({
      resources: 2,
      changed: ['a.yaml'],
      results: [{ severity: 'info', message: 'painted' }],
    });
    expect(await readFile(join(workspacePath, 'package/a.yaml'), 'utf8')).toBe(
      CONFIG_MAP.replace('none', 'blue'),
    );
    expect(lines).toContain('2 resources; a.yaml changed.');
  });

  it('tells what would change and writes nothing, where that is asked', async () => {
    const { ctx, outputs, workspacePath } = await context({
      input: { path: 'package', write: false },
      files: { 'package/Kptfile': KPTFILE, 'package/a.yaml': CONFIG_MAP },
    });
    await action().handler(ctx);
    expect(outputs).toMatchObject({ changed: ['a.yaml'] });
    expect(await readFile(join(workspacePath, 'package/a.yaml'), 'utf8')).toBe(
      CONFIG_MAP,
    );
  });

  it('runs functions of the workspace, each time limited as the input says', async () => {
    const { ctx, outputs } = await context({
      input: {
        path: 'resources',
        pipeline: {
          mutators: [{ exec: 'fn.wasm', configMap: { team: 'red' } }],
          validators: [{ exec: 'fn.wasm' }],
        },
        timeoutSeconds: 5,
      },
      files: { 'fn.wasm': EMPTY_CORE_MODULE, 'resources/a.yaml': CONFIG_MAP },
    });
    await action().handler(ctx);
    expect(commands.map(({ timeoutMs }) => timeoutMs)).toEqual([5000, 5000]);
    expect(outputs).toMatchObject({ changed: ['a.yaml'] });
    expect(pulled).toEqual([]);
  });

  it.each([
    [{ mutators: [{}] }, /pipeline\.mutators\.0: names either `image` or/],
    [
      { mutators: [{ image: 'a', exec: 'b' }] },
      /pipeline\.mutators\.0: names either/,
    ],
    [
      { mutators: [{ image: 'a', selectors: [] }] },
      /pipeline\.mutators\.0: .*selectors/,
    ],
    [
      { validators: Array(51).fill({ image: 'a' }) },
      /pipeline\.validators: .*50/,
    ],
    ['text', /pipeline: /],
  ])('refuses the pipeline %j', async (pipeline, message) => {
    const { ctx } = await context({ input: { pipeline } });
    await expect(action().handler(ctx)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(message),
    });
    expect(pulled).toEqual([]);
  });

  it.each([['../fn.wasm'], ['/etc/passwd']])(
    'refuses a function at %s',
    async exec => {
      const { ctx } = await context({
        input: { pipeline: { mutators: [{ exec }] } },
      });
      await expect(action().handler(ctx)).rejects.toMatchObject({
        code: 'SOURCE_PATH_ESCAPES',
      });
    },
  );

  it.each([
    ['no Kptfile', {}, /there is no Kptfile either/],
    [
      'one without pipeline',
      { Kptfile: 'kind: Kptfile' },
      /Kptfile has no pipeline/,
    ],
    ['one that is no YAML', { Kptfile: 'a: [' }, /Kptfile is no YAML/],
  ])('needs a pipeline where there is %s', async (_, files, message) => {
    const { ctx } = await context({ input: {}, files });
    await expect(action().handler(ctx)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it('runs and fetches nothing in a dry run', async () => {
    const { ctx, outputs } = await context({
      input: { path: '.' },
      files: { Kptfile: KPTFILE },
      isDryRun: true,
    });
    await action().handler(ctx);
    expect(pulled).toEqual([]);
    expect(commands).toEqual([]);
    expect(outputs).toEqual({ resources: 0, changed: [], results: [] });
  });
});
