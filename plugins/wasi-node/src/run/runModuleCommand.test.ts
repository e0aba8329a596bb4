import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { readFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildComponent,
  commandModule,
  commandWorld,
  coreCommand,
  httpModule,
  jco,
  jcoDirectory,
} from './__fixtures__/components';
import { createModuleEngine } from './createModuleEngine';
import type { ModuleCommand, ModuleEngine } from './types';

jest.setTimeout(120_000);
const describeWithJco = jcoDirectory ? describe : describe.skip;

describe('runCommand', () => {
  let directory: string;
  let engine: ModuleEngine;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'wasi-command-test-'));
    engine = createModuleEngine({
      jco,
      cacheDirectory: join(directory, 'cache'),
    });
  });
  afterAll(async () => {
    await engine.close();
    await rm(directory, { recursive: true, force: true });
  });

  const run = (modulePath: string, options: Partial<ModuleCommand> = {}) =>
    engine.runCommand({
      modulePath,
      args: [],
      env: {},
      directories: [],
      timeoutMs: 30_000,
      ...options,
    });

  describeWithJco('of a component (needs the jco toolchain)', () => {
    it('prints what the guest prints, with the arguments as given', async () => {
      const { path } = await buildComponent(directory, 'command', {
        wat: commandModule,
        world: commandWorld,
      });
      expect(await run(path, { args: ['first', 'second'] })).toEqual({
        exitCode: 0,
        stdout: 'first',
        stderr: '',
      });
    });

    it('refuses a component that is no command', async () => {
      const { path } = await buildComponent(directory, 'http', {
        wat: httpModule({}),
      });
      await expect(run(path)).rejects.toMatchObject({
        code: 'MODULE_RUN_FAILED',
        message: 'The component is not a command: it exports no wasi:cli/run.',
      });
    });
  });

  describeWithJco(
    'of a WASI 0.1 module (needs the jco toolchain to assemble it)',
    () => {
      it('passes stdin through and ends with the guest’s exit code', async () => {
        const path = await coreCommand(directory, 'echo');
        expect(await run(path, { stdin: 'typed\n' })).toEqual({
          exitCode: 3,
          stdout: 'typed\n',
          stderr: '',
        });
      });

      it('writes in a writable directory and not in a read-only one', async () => {
        const path = await coreCommand(directory, 'write');
        const outcomes = [];
        for (const readOnly of [false, true]) {
          const hostPath = join(directory, `readOnly-${readOnly}`);
          await mkdir(hostPath);
          const { exitCode } = await run(path, {
            directories: [{ hostPath, guestPath: '/d', readOnly }],
          });
          const file = join(hostPath, 'new');
          outcomes.push({
            readOnly,
            exitCode,
            content: existsSync(file) ? readFileSync(file, 'utf8') : undefined,
          });
        }
        expect(outcomes).toEqual([
          { readOnly: false, exitCode: 0, content: 'written' },
          { readOnly: true, exitCode: 69, content: undefined },
        ]);
      });

      it('overwrites no file of a read-only directory', async () => {
        const path = await coreCommand(directory, 'overwrite');
        const hostPath = join(directory, 'overwrite');
        await mkdir(hostPath);
        await writeFile(join(hostPath, 'new'), 'kept');
        const { exitCode } = await run(path, {
          directories: [{ hostPath, guestPath: '/d', readOnly: true }],
        });
        expect({
          exitCode,
          content: readFileSync(join(hostPath, 'new'), 'utf8'),
        }).toEqual({ exitCode: 69, content: 'kept' });
      });

      describe('in a directory with links', () => {
        let hostPath: string;
        let path: string;
        beforeAll(async () => {
          path = await coreCommand(directory, 'open');
          hostPath = join(directory, 'linked');
          await mkdir(join(hostPath, 'inner'), { recursive: true });
          await writeFile(join(directory, 'secret'), 'secret');
          await writeFile(join(hostPath, 'file'), 'inside');
          await symlink('..', join(hostPath, 'up'));
          await symlink(directory, join(hostPath, 'absolute'));
          await symlink('../secret', join(hostPath, 'direct'));
          await symlink('..', join(hostPath, 'inner', 'back'));
          await symlink('../file', join(hostPath, 'inner', 'link'));
          // A name that is no UTF-8.
          await symlink(
            '..',
            Buffer.concat([Buffer.from(`${hostPath}/`), Buffer.from([0xff])]),
          );
        });

        it.each([
          ['file', 0],
          ['inner/link', 0],
          ['inner/back/file', 0],
          ['up/secret', 76],
          ['absolute/secret', 76],
          ['direct', 76],
          // By its letters, as WASI hosts read it: inner/secret.
          ['inner/back/../secret', 44],
          ['../secret', 76],
          ['inner/../../secret', 76],
          ['/etc/passwd', 44],
          ['..\0', 28],
          [Buffer.from([0xff, 0x2f, ...Buffer.from('secret')]), 25],
          ['missing', 44],
        ])('opens %j with errno %i', async (stdin, exitCode) => {
          expect(
            await run(path, {
              stdin,
              directories: [{ hostPath, guestPath: '/d', readOnly: true }],
            }),
          ).toEqual({ exitCode, stdout: '', stderr: '' });
        });
      });

      it('gets no more memory than its limit', async () => {
        const path = await coreCommand(directory, 'grow');
        expect(
          await run(path, { memoryLimitBytes: 16 * 1024 * 1024 }),
        ).toMatchObject({ exitCode: 1 });
        expect(await run(path)).toMatchObject({ exitCode: 0 });
      });

      it('is ended when its time is up', async () => {
        const path = await coreCommand(directory, 'loop');
        await expect(run(path, { timeoutMs: 500 })).rejects.toMatchObject({
          code: 'MODULE_RUN_TIMEOUT',
          message: 'The module had not ended after 0.5 seconds.',
        });
      });

      it('is ended when it prints too much', async () => {
        const path = await coreCommand(directory, 'flood');
        await expect(run(path, { maxOutputBytes: 1000 })).rejects.toMatchObject(
          {
            code: 'MODULE_RUN_FAILED',
            message: 'The module printed more than 1000 bytes.',
          },
        );
      });

      it('is ended when it is cancelled', async () => {
        const path = await coreCommand(directory, 'loop');
        const abort = new AbortController();
        const running = run(path, { signal: abort.signal });
        abort.abort();
        await expect(running).rejects.toMatchObject({
          code: 'MODULE_RUN_ABORTED',
        });
      });
    },
  );

  it('says of a file that is not WebAssembly that it is none', async () => {
    const path = join(directory, 'text.wasm');
    await writeFile(path, 'not a module at all');
    const noJco = createModuleEngine({
      jco: async () => ({ directory, version: '0' }),
      cacheDirectory: directory,
    });
    await expect(
      noJco.runCommand({
        modulePath: path,
        args: [],
        env: {},
        directories: [],
        timeoutMs: 1_000,
      }),
    ).rejects.toMatchObject({ code: 'MODULE_NOT_WASM' });
  });
});
