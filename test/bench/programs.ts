import { execFile, spawnSync } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

export const root = resolve(__dirname, '../..');

const execute = promisify(execFile);

/** Runs a program to its end; its output is part of the error when it fails. */
export async function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const { stdout } = await execute(command, [...args], {
    maxBuffer: 64 * 1024 * 1024,
    ...options,
  });
  return stdout;
}

/** Which of the programs are not on the PATH. */
export function missing(...commands: string[]): string[] {
  return commands.filter(
    command => spawnSync(command, ['--version']).error !== undefined,
  );
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise(done => server.close(done));
  return port;
}

export async function answers(url: string): Promise<void> {
  for (;;) {
    try {
      const answer = await fetch(url);
      await answer.arrayBuffer();
      if (answer.ok) {
        return;
      }
    } catch {
      // Not listening yet; the caller's program ends the wait when it cannot start.
    }
    await new Promise(done => setTimeout(done, 50));
  }
}
