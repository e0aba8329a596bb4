import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadCertificates } from '../../packages/local-platform/src/kubernetes/certificates/loadCertificates';
import { freePort } from '../bench/programs';

/** Debian's docker-registry over TLS, which everybody may read and write. */
export interface Registry {
  host: string;
  /** Of the authority that signed its certificate, PEM. */
  caCertificate: string;
  close(): Promise<void>;
}

/** Starts it on a free port. */
export async function startRegistry(directory: string): Promise<Registry> {
  const host = `localhost:${await freePort()}`;
  const { ca, certificate, key } = await loadCertificates(directory, {
    hosts: ['localhost'],
    now: new Date(),
  });
  const data = join(directory, 'data');
  await mkdir(data);
  const write = async (name: string, content: string) => {
    await writeFile(join(directory, name), content, { mode: 0o600 });
    return join(directory, name);
  };
  const file = await write(
    'registry.yml',
    [
      'version: 0.1',
      'log: { level: error, accesslog: { disabled: true } }',
      `storage: { filesystem: { rootdirectory: ${data} } }`,
      'http:',
      `  addr: ${host}`,
      '  tls:',
      `    certificate: ${await write('server.crt', certificate)}`,
      `    key: ${await write('server.key', key)}`,
    ].join('\n'),
  );
  const child = spawn('docker-registry', ['serve', file], { stdio: 'ignore' });
  return {
    host,
    caCertificate: ca,
    async close() {
      if (child.exitCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    },
  };
}
