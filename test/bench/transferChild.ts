// Pushes or pulls one module and prints by how many bytes its memory grew at most.
import { registryClient } from './registries';
import { join } from 'node:path';

const MEBIBYTE = 1024 * 1024;

async function main([verb, host, directory, size]: string[]): Promise<void> {
  const registry = registryClient(host);
  const transfer = async (name: string, bytes: number) => {
    const path = join(directory, `${name}.wasm`);
    const reference = `${host}/bench/${name}:1`;
    if (verb === 'pull') {
      await registry.pull(reference, path, { maxBytes: bytes + MEBIBYTE });
      return;
    }
    await registry.push({
      path,
      reference,
      inspection: JSON.parse(process.env[`INSPECTION_${name}`]!),
      annotations: {},
      created: '2026-01-01T00:00:00Z',
    });
  };
  // What every transfer takes, once: code, sockets, buffers.
  await transfer('small', MEBIBYTE);
  const before = process.memoryUsage.rss();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 5);
  await transfer('large', Number(size));
  clearInterval(timer);
  console.log(Math.max(peak, process.memoryUsage.rss()) - before);
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
