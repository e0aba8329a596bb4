import { readdir, stat } from 'node:fs/promises';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tool } from '../../toolchains';
import { describeWithSandbox, usePlaces } from './__testUtils__/usePlaces';

jest.setTimeout(120_000);

const MEBIBYTE = 1024 * 1024;
const places = usePlaces();
const node: Tool = {
  name: 'node',
  path: process.execPath,
  command: process.execPath,
  args: [],
};

/** Runs a program as a build script; limits as tight as a test can wait for. */
async function script(
  text: string,
  options: Partial<Parameters<typeof places.run>[0]> = {},
) {
  await places.write('script.cjs', text);
  return places.run({
    runner: 'sandbox',
    tool: node,
    args: ['script.cjs'],
    ...options,
    limits: {
      maxProcesses: 32,
      maxMemoryBytes: 512 * MEBIBYTE,
      maxWorkspaceBytes: 64 * MEBIBYTE,
      ...options.limits,
    },
  });
}

/** Processes of this machine whose command line holds a word. */
function processesWith(word: string): number {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word);
      } catch {
        // It ended between the two looks.
        return false;
      }
    }).length;
}

describeWithSandbox('a greedy build script in a sandbox (bubblewrap)', () => {
  it('that forks without end is stopped, with all that it started', async () => {
    const mark = `forks-of-${places.root.split('-').at(-1)}`;

    await expect(
      script(`const { spawn } = require('node:child_process');
        setInterval(() => {
          for (let i = 0; i < 8; i++) {
            spawn('sh', ['-c', 'while :; do sleep 60 & sleep 60; done', '${mark}'],
              { detached: true, stdio: 'ignore' }).on('error', () => undefined);
          }
        }, 10);`),
    ).rejects.toMatchObject({ code: 'BUILD_PROCESS_LIMIT' });
    expect(processesWith(mark)).toBe(0);
  });

  it.each([
    ['by the kernel, where there are control groups', {}],
    [
      'by a look now and then, where there are none',
      { cgroup: '/nonexistent' },
    ],
  ])('that takes all memory is stopped %s', async (_, limits) => {
    await expect(
      script(
        `const kept = [];
         setInterval(() => kept.push(Buffer.alloc(4 * 1024 * 1024, 1)), 2);`,
        { limits },
      ),
    ).rejects.toMatchObject({
      code: 'BUILD_MEMORY_LIMIT',
      message: expect.stringContaining(`${512 * MEBIBYTE} bytes of memory`),
    });
  });

  it('that writes one endless file is stopped at its limit', async () => {
    const outcome = await script(
      `const fs = require('node:fs');
       process.on('SIGXFSZ', () => undefined);
       const file = fs.openSync('large', 'w');
       const piece = Buffer.alloc(1024 * 1024, 1);
       for (;;) fs.writeSync(file, piece);`,
    ).catch(error => error);

    // By the kernel, or by the look that came first.
    expect([1, 'BUILD_DISK_LIMIT']).toContain(outcome.exitCode ?? outcome.code);
    const { size } = await stat(join(places.source, 'large'));
    expect(size).toBe(64 * MEBIBYTE);
  });

  it.each([
    ['in its folder', '.'],
    ['in the temporary folder', '/tmp'],
    ['in shared memory', '/dev/shm'],
  ])('that writes endlessly many files %s is stopped', async (_, folder) => {
    await expect(
      script(`const fs = require('node:fs');
        const piece = Buffer.alloc(1024 * 1024, 1);
        let written = 0;
        setInterval(() => {
          if (written < 256) fs.writeFileSync('${folder}/' + written++, piece);
        }, 2);`),
    ).rejects.toMatchObject({ code: 'BUILD_DISK_LIMIT' });
  });

  it('that leaves a process behind does not find it running afterwards', async () => {
    const mark = `left-of-${places.root.split('-').at(-1)}`;
    const { exitCode } = await script(
      `require('node:child_process').spawn('sh', ['-c', 'sleep 600; :', '${mark}'],
         { detached: true, stdio: 'ignore' }).unref();`,
    );

    expect({ exitCode, left: processesWith(mark) }).toEqual({
      exitCode: 0,
      left: 0,
    });
  });

  it('that ignores being asked to end is ended when its task is cancelled', async () => {
    const controller = new AbortController();
    const running = script(
      `process.on('SIGTERM', () => undefined);
       require('node:fs').writeFileSync('../started', '');
       setInterval(() => undefined, 1000);`,
      { signal: controller.signal },
    );
    const outcome = running.catch(error => error);
    while (!existsSync(join(places.scratch, 'started'))) {
      await new Promise(resolve => setImmediate(resolve));
    }
    controller.abort();

    expect(await outcome).toMatchObject({ code: 'BUILD_ABORTED' });
  });

  it('cannot become another user or make a sandbox of its own', async () => {
    const { tail } = await script(
      `const { spawnSync } = require('node:child_process');
       const said = (...command) => spawnSync(command[0], command.slice(1)).status === 0;
       console.log(JSON.stringify({
         uid: process.getuid(),
         root: (() => { try { process.setuid(0); return true; } catch { return false; } })(),
         namespace: said('unshare', '--user', 'true'),
         capabilities: /^CapEff:\\s+(\\S+)/m.exec(
           require('node:fs').readFileSync('/proc/self/status', 'utf8'))[1],
         newPrivileges: /^NoNewPrivs:\\s+(\\S+)/m.exec(
           require('node:fs').readFileSync('/proc/self/status', 'utf8'))[1],
       }));`,
    );

    expect(JSON.parse(tail[0])).toEqual({
      uid: 1000,
      root: false,
      namespace: false,
      capabilities: '0000000000000000',
      newPrivileges: '1',
    });
  });

  it('finds nothing of an earlier one in the temporary folder', async () => {
    await script(`require('node:fs').writeFileSync('/tmp/left', 'mine');`);
    const other = join(places.root, 'other');
    places.scratch = other;
    places.source = join(other, 'source');
    await script(`console.log(require('node:fs').readdirSync('/tmp').join());`);

    expect(places.log).not.toContain('left');
    expect(await readdir(other)).toEqual(
      expect.arrayContaining(['source', 'tmp']),
    );
  });

  it('has the variables of the operator, but not the way out of the network', async () => {
    const { tail } = await script(
      `console.log(process.env.GOPROXY, process.env.HTTPS_PROXY);`,
      {
        limits: {
          env: {
            GOPROXY: 'https://mirror.example',
            HTTPS_PROXY: 'http://user:word@proxy.example',
          },
        },
      },
    );

    expect(tail).toEqual(['https://mirror.example undefined']);
  });
});
