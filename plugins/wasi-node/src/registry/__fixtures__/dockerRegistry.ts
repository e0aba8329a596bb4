import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

export const hasDockerRegistry = !spawnSync('docker-registry', ['--version'])
  .error;

/** Debian's docker-registry on a port of its own, with its data below the folder. */
export async function startDockerRegistry(
  directory: string,
  accounts?: string,
) {
  const port = await freePort();
  const data = join(directory, 'registry');
  mkdirSync(data);
  if (accounts) {
    writeFileSync(join(directory, 'htpasswd'), `${accounts}\n`);
  }
  const auth = accounts
    ? `auth:\n  htpasswd: { realm: test, path: ${join(
        directory,
        'htpasswd',
      )} }\n`
    : '';
  const file = join(directory, 'registry.yml');
  writeFileSync(
    file,
    `version: 0.1\nlog: { level: error, accesslog: { disabled: true } }\n${auth}storage:\n  filesystem: { rootdirectory: ${data} }\n  delete: { enabled: true }\nhttp:\n  addr: 127.0.0.1:${port}\n`,
  );
  const child: ChildProcess = spawn('docker-registry', ['serve', file], {
    stdio: 'ignore',
  });
  const host = `127.0.0.1:${port}`;
  await untilAnswering(host, child);
  return {
    host,
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    },
  };
}

// The registry cannot be told to choose a port by itself.
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function untilAnswering(host: string, child: ChildProcess) {
  while (child.exitCode === null) {
    try {
      await fetch(`http://${host}/v2/`);
      return;
    } catch {
      // Not listening yet; the loop ends with the process or with jest's timeout.
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }
  throw new Error(`docker-registry ended with ${child.exitCode}`);
}
