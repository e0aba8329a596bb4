import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toItem, type KrmItem } from './resourceList';
import { runKrmPipeline } from './runKrmPipeline';

jest.setTimeout(300_000);
const run = promisify(execFile);

const goAvailable = (() => {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    // Any failure means that there is none to build with.
    return false;
  }
})();
const describeWithGo = goAvailable ? describe : describe.skip;

describeWithGo('a Go program that kpt runs (needs go to compile it)', () => {
  let directory: string;
  let modulePath: string;
  let lines: string[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'krm-go-'));
    modulePath = join(directory, 'function.wasm');
    await run(
      'go',
      ['build', '-buildvcs=false', '-ldflags=-s -w', '-o', modulePath, '.'],
      {
        cwd: join(__dirname, '__fixtures__', 'goFunction'),
        env: { ...process.env, GOOS: 'js', GOARCH: 'wasm', GOFLAGS: '' },
      },
    );
  });
  beforeEach(() => {
    lines = [];
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  const resource: KrmItem = toItem({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'paint' },
    data: { colour: 'green' },
  });
  const call = (
    work: string,
    limits: { timeoutMs?: number; memoryLimitBytes?: number } = {},
  ) =>
    runKrmPipeline({
      engine: {
        runCommand: () => Promise.reject(new Error('It is no command')),
      },
      pipeline: {
        mutators: [{ name: 'painter', modulePath, configMap: { work } }],
        validators: [],
      },
      items: [resource],
      limits,
      log: line => lines.push(line),
    });

  it('gets the list as text and answers another one', async () => {
    const { items } = await call('paint');
    expect(items.map(item => item.resource)).toEqual([
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'paint' },
        data: { colour: 'größer 😀' },
      },
    ]);
  });

  it.each([
    [
      'reads, lists and writes no file',
      'read',
      /^painter: open \/etc\/passwd: not implemented on js; open \/: not implemented on js; open \/tmp\/written: not implemented on js/,
    ],
    [
      'sees no environment, no arguments of ours, no process',
      'environment',
      /^painter: \[\] \[function\] -1 undefined\n/,
    ],
    ['reaches no network', 'network', /refused|not implemented/],
    ['starts no process', 'start', /not implemented|executable file not found/],
    [
      'finds nothing of JavaScript that runs code',
      'globals',
      /^painter: undefined undefined undefined undefined undefined undefined undefined undefined undefined undefined\nerrors/,
    ],
    [
      'finds no way to a prototype or constructor',
      'prototypes',
      /^painter: found: \nerrors/,
    ],
    [
      'cannot call what it was not given',
      'call',
      /^painter: .*property constructor is not a function/,
    ],
    [
      'gets no byte arrays without end',
      'arrays',
      /^painter: JavaScript error: Array buffer allocation failed/,
    ],
  ])('%s', async (_, work, message) => {
    await expect(call(work)).rejects.toMatchObject({
      code: 'KRM_FUNCTION_FAILED',
      message: expect.stringMatching(message),
    });
    expect(existsSync('/tmp/written')).toBe(false);
  });

  it('tells what kpt asks a function for that failed', async () => {
    await expect(call('environment')).rejects.toMatchObject({
      message: expect.stringMatching(/\nerrors of environment$/),
    });
  });

  it.each([
    ['panics', 'panic', /^painter: .*panic: out of paint/],
    ['exits', 'exit', /^painter: .*ended with exit code 3/],
    ['takes all memory', 'memory', /^painter: .*out of memory/],
    ['keeps text without end', 'strings', /^painter: /],
    ['prints without end', 'flood', /^painter: .*printed more than \d+ bytes/],
  ])('fails where it %s', async (_, work, message) => {
    await expect(
      call(work, { memoryLimitBytes: 128 * 1024 * 1024, timeoutMs: 120_000 }),
    ).rejects.toMatchObject({
      code: 'MODULE_RUN_FAILED',
      message: expect.stringMatching(message),
    });
  });

  it('is ended where it does not end', async () => {
    await expect(call('loop', { timeoutMs: 1_500 })).rejects.toMatchObject({
      code: 'MODULE_RUN_TIMEOUT',
      message: 'painter: The module had not ended after 1.5 seconds.',
    });
  });
});
