import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fakeFunctions, type SeenList } from './__fixtures__/fakeFunctions';
import { runFolderPipeline } from './runFolderPipeline';
import type { KrmFunction } from './types';

const SERVICE = `# Answers the shop.
apiVersion: v1
kind: Service
metadata:
  name: shop # the name that customers know
spec: { ports: [] }
`;
const CONFIG = `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  colour:    "green"
`;

describe('a pipeline over a folder', () => {
  let functions: Awaited<ReturnType<typeof fakeFunctions>>;
  let directory: string;
  let lines: string[];

  beforeEach(async () => {
    functions = await fakeFunctions();
    directory = await mkdtemp(join(tmpdir(), 'krm-folder-'));
    lines = [];
    await write({ 'shop.yaml': SERVICE, 'config/settings.yaml': CONFIG });
  });
  afterEach(async () => {
    await functions.remove();
    await rm(directory, { recursive: true, force: true });
  });

  async function write(contents: Record<string, string>) {
    for (const [path, text] of Object.entries(contents)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), text);
    }
  }
  async function files(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const entry of await readdir(directory, {
      recursive: true,
      withFileTypes: true,
    })) {
      if (entry.isFile()) {
        const path = join(entry.parentPath, entry.name);
        found[path.slice(directory.length + 1)] = await readFile(path, 'utf8');
      }
    }
    return found;
  }
  const run = (pipeline: {
    mutators?: KrmFunction[];
    validators?: KrmFunction[];
  }) =>
    runFolderPipeline({
      engine: functions.engine,
      pipeline: { mutators: [], validators: [], ...pipeline },
      directory,
      log: line => lines.push(line),
    });
  const item = (list: SeenList, kind: string) =>
    list.items.find(each => each.kind === kind)!;
  const before = { 'shop.yaml': SERVICE, 'config/settings.yaml': CONFIG };

  it('hands every resource to a function, with the file it is from and its configMap', async () => {
    let seen: SeenList | undefined;
    const look = await functions.add(
      'look',
      list => {
        seen = list;
        return list;
      },
      { configMap: { team: 'blue' } },
    );
    expect(await run({ mutators: [look] })).toEqual({
      resources: 2,
      results: [],
      changed: [],
    });
    expect(seen).toEqual({
      apiVersion: 'config.kubernetes.io/v1',
      kind: 'ResourceList',
      items: [
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: {
            name: 'settings',
            annotations: {
              'internal.config.kubernetes.io/path': 'config/settings.yaml',
              'internal.config.kubernetes.io/index': '0',
            },
          },
          data: { colour: 'green' },
        },
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: {
            name: 'shop',
            annotations: {
              'internal.config.kubernetes.io/path': 'shop.yaml',
              'internal.config.kubernetes.io/index': '0',
            },
          },
          spec: { ports: [] },
        },
      ],
      functionConfig: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'function-input' },
        data: { team: 'blue' },
      },
    });
    expect(await files()).toEqual(before);
  });

  it('gives a function no environment, no folder, no network, and a limit of time and memory', async () => {
    await run({ mutators: [await functions.add('look', list => list)] });
    expect(functions.commands).toEqual([
      expect.objectContaining({
        env: {},
        directories: [],
        limitOutgoingHttp: true,
        timeoutMs: 30_000,
        memoryLimitBytes: 512 * 1024 * 1024,
      }),
    ]);
    expect(functions.commands[0]).not.toHaveProperty('network.tcp');
  });

  it('writes the file of what was changed and leaves the others byte for byte', async () => {
    const paint = await functions.add('paint', list => {
      (item(list, 'Service').metadata.labels ??= {}).colour = 'red';
      return list;
    });
    expect((await run({ mutators: [paint] })).changed).toEqual(['shop.yaml']);
    expect(await files()).toEqual({
      ...before,
      'shop.yaml': `apiVersion: v1
kind: Service
metadata:
  name: shop
  labels:
    colour: red
spec:
  ports: []
`,
    });
  });

  it('keeps the comments that a function keeps', async () => {
    const text = await functions.add('text', () => {
      throw new Error('is replaced');
    });
    functions.engine.runCommand = async command => ({
      exitCode: 0,
      stdout: String(command.stdin).replace('name: shop ', 'name: store '),
      stderr: '',
    });
    await run({ mutators: [text] });
    expect((await files())['shop.yaml']).toBe(
      SERVICE.replace('name: shop ', 'name: store '),
    );
  });

  it('gives a new resource a file, and removes that of one that is gone', async () => {
    const exchange = await functions.add('exchange', list => ({
      ...list,
      items: [
        ...list.items.filter(({ kind }) => kind !== 'ConfigMap'),
        {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'Keys' },
        },
      ],
    }));
    expect((await run({ mutators: [exchange] })).changed).toEqual([
      'config/settings.yaml',
      'secret_keys.yaml',
    ]);
    expect(await files()).toEqual({
      'shop.yaml': SERVICE,
      'secret_keys.yaml':
        'apiVersion: v1\nkind: Secret\nmetadata:\n  name: Keys\n',
    });
  });

  it('keeps the documents of one file in their order', async () => {
    await write({ 'two.yaml': `${SERVICE}---\n${CONFIG}` });
    const touch = await functions.add('touch', list => {
      for (const each of list.items) {
        (each.metadata.labels ??= {}).touched = 'yes';
      }
      return { ...list, items: list.items.reverse() };
    });
    await run({ mutators: [touch] });
    expect(
      (await files())['two.yaml']
        .split('---\n')
        .map(text => /kind: (\w+)/.exec(text)?.[1]),
    ).toEqual(['Service', 'ConfigMap']);
  });

  it('runs mutators in order and validators on what they left', async () => {
    const add = (name: string) =>
      functions.add(name, list => {
        const { metadata } = item(list, 'Service');
        metadata.labels = { seen: `${metadata.labels?.seen ?? ''}${name}` };
        return list;
      });
    const seen: unknown[] = [];
    const judge = await functions.add('judge', list => {
      seen.push(item(list, 'Service').metadata.labels);
      return {
        ...list,
        results: [
          {
            message: 'no owner',
            severity: 'warning',
            resourceRef: { kind: 'Service', name: 'shop' },
          },
        ],
      };
    });
    const { results } = await run({
      mutators: [await add('a'), await add('b')],
      validators: [judge],
    });
    expect(seen).toEqual([{ seen: 'ab' }]);
    expect(results).toEqual([
      {
        message: 'no owner',
        severity: 'warning',
        resourceRef: { kind: 'Service', name: 'shop' },
      },
    ]);
    expect(lines).toContain('judge: warning: no owner (Service shop)');
  });

  it('fails with the errors of a function, all of them, and writes nothing', async () => {
    const paint = await functions.add('paint', list => {
      item(list, 'Service').metadata.labels = { colour: 'red' };
      return list;
    });
    const refuse = await functions.add('refuse', list => ({
      ...list,
      results: [
        { message: 'too red', field: { path: 'metadata.labels' } },
        { message: 'not blue', severity: 'error' },
        { message: 'by the way', severity: 'info' },
      ],
    }));
    await expect(
      run({ mutators: [paint], validators: [refuse] }),
    ).rejects.toMatchObject({
      code: 'KRM_FUNCTION_FAILED',
      message: 'refuse: error: too red (metadata.labels)\nerror: not blue',
    });
    expect(await files()).toEqual(before);
  });

  it('fails with a function that ends with an error, and tells its results', async () => {
    const refuse = await functions.add(
      'refuse',
      list => ({ ...list, results: [{ message: 'too red' }] }),
      { exitCode: 1 },
    );
    await expect(run({ mutators: [refuse] })).rejects.toMatchObject({
      code: 'KRM_FUNCTION_FAILED',
      message: 'refuse: error: too red\nIt ended with exit code 1.',
    });
  });

  it('refuses a validator that changes something', async () => {
    const cheat = await functions.add('cheat', list => {
      item(list, 'Service').metadata.labels = { colour: 'red' };
      return list;
    });
    await expect(run({ validators: [cheat] })).rejects.toMatchObject({
      code: 'KRM_CHANGE_REFUSED',
      message: 'cheat is a validator and changed the resources.',
    });
    expect(await files()).toEqual(before);
  });

  it.each([
    ['text', 'hello', /^lie: The function answered no resource list: /],
    ['nothing', '', /no resource list/],
    ['another kind', 'apiVersion: v1\nkind: List\n', /apiVersion: .*; kind: /],
    [
      'a resource without a name',
      'apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: [{apiVersion: v1, kind: Pod, metadata: {}}]',
      /items\.0\.metadata\.name/,
    ],
    ['broken YAML', 'apiVersion: [', /no resource list/],
    [
      'aliases without end',
      `a: &a [x, x, x, x, x, x, x, x, x]\n${[...'bcdefghij']
        .map(
          (name, i) =>
            `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[i]}`)}]`,
        )
        .join('\n')}`,
      /alias/,
    ],
    ['arrays without end', '['.repeat(20_000), /no resource list/],
    ['too much', `# ${'x'.repeat(5 * 1024 * 1024)}`, /more than 4194304 bytes/],
  ])('refuses a function that answers %s', async (_, text, message) => {
    const lie = await functions.add('lie', () => text);
    await expect(run({ mutators: [lie] })).rejects.toMatchObject({
      code: 'KRM_OUTPUT_INVALID',
      message: expect.stringMatching(message),
    });
    expect(await files()).toEqual(before);
  });

  it.each([
    ['../outside.yaml', 'SOURCE_PATH_ESCAPES'],
    ['/tmp/outside.yaml', 'SOURCE_PATH_ESCAPES'],
    ['link/outside.yaml', 'SOURCE_PATH_ESCAPES'],
    ['a\0b.yaml', 'SOURCE_PATH_ESCAPES'],
    ['.github/workflows/build.yaml', 'KRM_CHANGE_REFUSED'],
    ['config/../.hidden.yaml', 'KRM_CHANGE_REFUSED'],
    ['package.json', 'KRM_CHANGE_REFUSED'],
    ['run.sh', 'KRM_CHANGE_REFUSED'],
  ])('lets no function write %j', async (path, code) => {
    await symlink(tmpdir(), join(directory, 'link'));
    const escape = await functions.add('escape', list => {
      item(list, 'Service').metadata.labels = { changed: 'yes' };
      item(list, 'ConfigMap').metadata.annotations = {
        'internal.config.kubernetes.io/path': path,
      };
      return list;
    });
    await expect(run({ mutators: [escape] })).rejects.toMatchObject({ code });
    expect(await files()).toEqual(before);
  });

  it('does not read through a link, nor a hidden folder', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'krm-outside-'));
    await writeFile(join(outside, 'secret.yaml'), CONFIG);
    await symlink(outside, join(directory, 'linked'));
    await symlink(join(outside, 'secret.yaml'), join(directory, 'linked.yaml'));
    await write({ '.git/settings.yaml': CONFIG });
    const look = await functions.add('look', list => list);
    expect((await run({ mutators: [look] })).resources).toBe(2);
    await rm(outside, { recursive: true });
  });

  it('names the file that is no resource', async () => {
    await write({ 'values.yaml': 'colour: green\n' });
    await expect(run({})).rejects.toMatchObject({
      code: 'KRM_RESOURCES_INVALID',
      message:
        'values.yaml is no Kubernetes resource with apiVersion, kind and metadata.name.',
    });
    await write({ 'values.yaml': `${CONFIG}---\na: [` });
    await expect(run({})).rejects.toMatchObject({
      code: 'KRM_RESOURCES_INVALID',
      message: expect.stringMatching(/^values\.yaml, document 2: /),
    });
  });
});
