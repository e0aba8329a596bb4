import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buildMemory } from './buildMemory';
import { BuildProgress } from './BuildProgress';

/** A signal, and the work that waits for it. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>(resolve => {
    open = resolve;
  });
  return { open, opened };
}

describe('BuildProgress', () => {
  const ended: BuildProgress[] = [];
  afterEach(() => ended.splice(0).forEach(progress => progress.close()));

  function start(
    options: Partial<ConstructorParameters<typeof BuildProgress>[0]> = {},
  ) {
    const lines: string[] = [];
    const progress = new BuildProgress({
      log: line => lines.push(line),
      scratch: '/nowhere',
      ...options,
    });
    ended.push(progress);
    return { progress, lines };
  }

  it('tells each phase at its end, with its time and what it came to', async () => {
    const { progress, lines } = start();

    await progress.run(
      'stage sources',
      async () => 3,
      files => `${files} files`,
    );
    await progress.run('compile', async () => {
      progress.output('warning: unused variable');
    });

    expect(lines).toEqual([
      'stage sources: 0.0 s, 3 files',
      'warning: unused variable',
      'compile: 0.0 s',
    ]);
    expect(progress.phases().map(({ name }) => name)).toEqual([
      'stage sources',
      'compile',
    ]);
  });

  it('does not count the time of a phase inside another twice', async () => {
    const { progress, lines } = start();
    const started = performance.now();
    await progress.run('compile', async () => {
      await progress.run('componentize', async () => {
        while (performance.now() - started < 20) {
          // Time that is the inner phase's alone.
        }
      });
    });
    const total = performance.now() - started;

    const [compile, componentize] = progress.phases();
    expect([compile.name, componentize.name]).toEqual([
      'compile',
      'componentize',
    ]);
    expect(componentize.durationMs).toBeGreaterThanOrEqual(19);
    expect(compile.durationMs + componentize.durationMs).toBeLessThanOrEqual(
      Math.ceil(total) + 1,
    );
    expect(lines.map(line => line.split(':')[0])).toEqual([
      'componentize',
      'compile',
    ]);
  });

  it('says nothing of a phase that failed, and goes on with the one around it', async () => {
    const { progress, lines } = start();

    await progress.run('compile', async () => {
      await progress
        .run('componentize', () => Promise.reject(new Error('no world')))
        .catch(error => progress.output(error.message));
    });

    expect(lines).toEqual(['no world', 'compile: 0.0 s']);
  });

  it('says that a silent tool is still at work, and what memory it takes', async () => {
    const beat = gate();
    const { progress, lines } = start({
      heartbeatMs: 5,
      memory: async () => 430_000_000,
      log: line => {
        lines.push(line);
        if (line.startsWith('still')) {
          beat.open();
        }
      },
    });
    await progress.run('compile', () => beat.opened);

    expect(lines[0]).toBe('still compiling, 0 s, 410 MiB');
  });

  it('says so without a figure where the tool runs elsewhere', async () => {
    const beat = gate();
    const { progress, lines } = start({
      heartbeatMs: 5,
      memory: async () => undefined,
      log: line => {
        lines.push(line);
        beat.open();
      },
    });
    await progress.run('optimise', () => beat.opened);

    expect(lines[0]).toBe('still optimising, 0 s');
  });

  it('is silent between phases and after the build', async () => {
    let asked = 0;
    const { progress, lines } = start({
      heartbeatMs: 1,
      memory: async () => {
        asked += 1;
        return undefined;
      },
    });
    const later = gate();
    setTimeout(later.open, 20);
    await later.opened;
    progress.close();

    expect({ lines, asked }).toEqual({ lines: [], asked: 0 });
  });
});

const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

describeOnLinux('buildMemory [Linux]', () => {
  it('counts the processes that know the folder, and those they started', async () => {
    const folder = `/tmp/build-memory-${process.pid}`;
    const idle = `process.stdout.write('up'); setInterval(() => {}, 1000);`;
    const child = spawn(
      process.execPath,
      [
        '-e',
        `const { spawn } = require('node:child_process');
           spawn(process.execPath, ['-e', ${JSON.stringify(idle)}],
             { env: {}, stdio: 'inherit' });
           setInterval(() => {}, 1000);`,
      ],
      {
        env: { HOME: folder },
        stdio: ['ignore', 'pipe', 'ignore'],
        detached: true,
      },
    );
    try {
      await once(child.stdout!, 'data');
      const both = (await buildMemory(folder)) ?? 0;

      // Node takes 35 MiB and more; two of them cannot be one.
      expect(both).toBeGreaterThan(60 * 1024 * 1024);
      expect(await buildMemory('/tmp/build-memory-none')).toBeUndefined();
    } finally {
      process.kill(-child.pid!, 'SIGKILL');
    }
  });
});
