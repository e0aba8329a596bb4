import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './runCommand';
import type { CommandOptions } from './types';

jest.setTimeout(60_000);

const describeWithProc = existsSync('/proc/self/stat')
  ? describe
  : describe.skip;

let directory: string;

beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'run-command-')));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

function node(
  script: string,
  options: Partial<CommandOptions> = {},
): CommandOptions {
  return {
    command: process.execPath,
    args: ['-e', script],
    cwd: directory,
    env: { PATH: '/usr/bin:/bin' },
    timeoutMs: 60_000,
    maxOutputBytes: 1024 * 1024,
    killGraceMs: 100,
    ...options,
  };
}

/** A zombie counts as dead: who reaps it is not ours to say. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('runCommand', () => {
  it('gives each line of stdout and stderr, the tail and the exit code', async () => {
    const lines: string[] = [];

    const result = await runCommand(
      node(
        `process.stdout.write('one\\r\\ntwo\\n\\u001b[33mthree\\u001b[39m', () => {
           process.exitCode = 7;
         });`,
        { onLine: line => lines.push(line) },
      ),
    );

    expect({ ...result, durationMs: typeof result.durationMs, lines }).toEqual({
      exitCode: 7,
      tail: ['one', 'two', 'three'],
      durationMs: 'number',
      lines: ['one', 'two', 'three'],
    });
  });

  it('passes arguments as they are, without a shell', async () => {
    const { tail } = await runCommand(
      node('', {
        args: [
          '-e',
          'console.log(JSON.stringify(process.argv.slice(1)))',
          '--',
          '$(id); a b',
          '*',
          '\'"',
        ],
      }),
    );

    expect(JSON.parse(tail[0])).toEqual(['$(id); a b', '*', '\'"']);
  });

  it('gives the program no variable of our own environment', async () => {
    process.env.BACKEND_SECRET = 'hunter2';
    process.env.NODE_OPTIONS = '';
    try {
      const { tail } = await runCommand(
        node('console.log(JSON.stringify(process.env))', {
          env: { GIVEN: 'yes' },
        }),
      );

      expect(JSON.parse(tail[0])).toEqual({
        GIVEN: 'yes',
        WASI_COMMAND_MARK: expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
    } finally {
      delete process.env.BACKEND_SECRET;
      delete process.env.NODE_OPTIONS;
    }
  });

  it('gives the program no input, so that it cannot wait for any', async () => {
    const { exitCode } = await runCommand(
      node(`process.stdin.on('end', () => process.exit(5)).resume();`),
    );

    expect(exitCode).toBe(5);
  });

  it('loses nothing of what programs print last that end at the same moment', async () => {
    const printed: string[][] = [];
    for (let round = 0; round < 6; round++) {
      const programs = Array.from({ length: 30 }, () =>
        runCommand(node('', { command: 'echo', args: ['said'] })),
      );
      printed.push(...(await Promise.all(programs)).map(({ tail }) => tail));
    }

    expect(printed).toEqual(printed.map(() => ['said']));
  });

  it('keeps the last 200 lines and cuts a line that is too long', async () => {
    const { tail } = await runCommand(
      node(
        `for (let i = 0; i < 300; i++) console.log(i);
         console.log('x'.repeat(10000)); console.log('end');`,
      ),
    );

    expect(tail).toEqual([
      ...Array.from({ length: 198 }, (_, index) => String(index + 102)),
      `${'x'.repeat(4096)}…`,
      'end',
    ]);
  });

  it('keeps a character together that arrives in two pieces', async () => {
    const { tail } = await runCommand(
      node(
        `process.stdout.write(Buffer.from([0xc3]), () =>
           setTimeout(() => process.stdout.write(Buffer.from([0xa9])), 20));`,
      ),
    );

    expect(tail).toEqual(['é']);
  });

  it('tells the signal that ended the program as exit code 128 + n', async () => {
    const { exitCode } = await runCommand(
      node(`process.kill(process.pid, 'SIGKILL')`),
    );

    expect(exitCode).toBe(137);
  });

  it('stops a program that never ends at its time limit', async () => {
    await expect(
      runCommand(
        node(`console.log('working'); setInterval(() => {}, 1000);`, {
          timeoutMs: 500,
        }),
      ),
    ).rejects.toMatchObject({
      code: 'BUILD_TIMEOUT',
      message: expect.stringMatching(/was stopped after 0\.5 seconds/),
    });
  });

  it('stops a program that prints for ever', async () => {
    const lines: string[] = [];

    await expect(
      runCommand(
        node(
          `(function more() { process.stdout.write('x'.repeat(1000) + '\\n', more); })();`,
          { maxOutputBytes: 10_000, onLine: line => lines.push(line) },
        ),
      ),
    ).rejects.toMatchObject({ code: 'BUILD_OUTPUT_LIMIT' });
    expect(lines.join('').length).toBeLessThanOrEqual(10_000);
  });

  it('stops a program that ignores SIGTERM', async () => {
    const controller = new AbortController();
    let pid = 0;

    await expect(
      runCommand(
        node(
          `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);
           console.log(process.pid);`,
          {
            signal: controller.signal,
            onLine: line => {
              pid = Number(line);
              controller.abort();
            },
          },
        ),
      ),
    ).rejects.toMatchObject({ code: 'BUILD_ABORTED', name: 'ConflictError' });
    expect(isAlive(pid)).toBe(false);
  });

  it('starts nothing where the work was cancelled before', async () => {
    await expect(
      runCommand(
        node(`require('node:fs').writeFileSync('started', '')`, {
          signal: AbortSignal.abort(),
        }),
      ),
    ).rejects.toMatchObject({ code: 'BUILD_ABORTED' });
    expect(existsSync(join(directory, 'started'))).toBe(false);
  });

  it('names a program that does not exist', async () => {
    await expect(
      runCommand(node('', { command: 'no-such-tool', args: [] })),
    ).rejects.toMatchObject({
      code: 'TOOLCHAIN_MISSING',
      message: 'no-such-tool could not be started: it was not found.',
    });
  });

  it('looks for the program on the given PATH only', async () => {
    await expect(
      runCommand(node('', { command: 'node', env: { PATH: directory } })),
    ).rejects.toMatchObject({ code: 'TOOLCHAIN_MISSING' });
  });

  it('tells a missing folder from a missing program', async () => {
    await expect(
      runCommand(node('', { cwd: join(directory, 'gone') })),
    ).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
  });
});

describeWithProc('runCommand with /proc', () => {
  const GRANDCHILDREN = `
    const { spawn } = require('node:child_process');
    const { writeFileSync } = require('node:fs');
    const idle = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)';
    const near = spawn(process.execPath, ['-e', idle], { stdio: 'inherit' });
    const far = spawn(process.execPath, ['-e', idle], { stdio: 'inherit', detached: true });
    // An orphan in a session of its own, its parent gone: only its mark tells whose it is.
    const between = spawn(process.execPath, ['-e',
      'const c = require("node:child_process").spawn(process.execPath, ["-e", ' + JSON.stringify(idle) +
      '], { stdio: "ignore", detached: true }); c.unref(); console.log("orphan " + c.pid);'],
      { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    let text = '';
    between.stdout.on('data', data => { text += data; });
    between.on('close', () => {
      writeFileSync('pids.json', JSON.stringify([near.pid, far.pid, Number(text.split(' ')[1])]));
      console.log('ready');
      if (process.env.LEAVE) process.exit(0);
    });
  `;

  const readPids = async () =>
    JSON.parse(
      await readFile(join(directory, 'pids.json'), 'utf8'),
    ) as number[];

  it('ends children, detached children and orphans when cancelled', async () => {
    const controller = new AbortController();

    await expect(
      runCommand(
        node(GRANDCHILDREN, {
          signal: controller.signal,
          onLine: line => line === 'ready' && controller.abort(),
        }),
      ),
    ).rejects.toMatchObject({ code: 'BUILD_ABORTED' });
    const pids = await readPids();
    expect(pids).toHaveLength(3);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('ends what a program leaves behind when it ends by itself', async () => {
    const { exitCode } = await runCommand(
      node(GRANDCHILDREN, { env: { LEAVE: '1' } }),
    );

    expect(exitCode).toBe(0);
    expect((await readPids()).filter(isAlive)).toEqual([]);
  });
});
