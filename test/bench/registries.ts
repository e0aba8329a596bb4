import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import {
  createModuleRegistry,
  readWasiConfig,
  type ModuleRegistry,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { answers, freePort } from './programs';

/** Debian's docker-registry: a registry that is neither ours nor skopeo's. */
export async function startDockerRegistry(
  directory: string,
): Promise<{ host: string; stop(): Promise<void> }> {
  const host = `127.0.0.1:${await freePort()}`;
  const data = join(directory, 'registry');
  await mkdir(data);
  const file = join(directory, 'registry.yml');
  await writeFile(
    file,
    [
      'version: 0.1',
      'log: { level: error, accesslog: { disabled: true } }',
      `storage: { filesystem: { rootdirectory: ${data} } }`,
      `http: { addr: ${host} }`,
    ].join('\n'),
  );
  const child = spawn('docker-registry', ['serve', file], { stdio: 'ignore' });
  await answers(`http://${host}/v2/`);
  return {
    host,
    async stop() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Our client, as the backend makes it. */
export function registryClient(host: string): ModuleRegistry {
  return createModuleRegistry(
    readWasiConfig(
      new ConfigReader({ wasi: { registries: [{ host, insecure: true }] } }),
    ),
  );
}
