import { createHash, randomBytes } from 'node:crypto';
import {
  mkdir,
  mkdtemp,
  readdir,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createModuleRegistry,
  type ModuleEngine,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { startRegistry, type RunningRegistry } from '../registry';
import { ArtifactCache } from './ArtifactCache';

jest.setTimeout(60_000);
const MODULE_BYTES = 10_000;

describe('ArtifactCache', () => {
  let directory: string;
  let registry: RunningRegistry;
  let modules: string;
  let prepared: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'wasi-cache-test-'));
    modules = join(directory, 'modules');
    prepared = join(directory, 'prepared');
    registry = await startRegistry({ directory: join(directory, 'registry') });
  });
  afterEach(async () => {
    await registry.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** Only `prepare`, which writes as many bytes as the module has. */
  const engine = {
    async prepare(_path: string, digest: string) {
      const folder = join(prepared, `${digest.replace(':', '-')}-1.0.0`);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'component.js'), Buffer.alloc(MODULE_BYTES));
      return { directory: folder, digest, imports: [], exports: [] };
    },
  } as Partial<ModuleEngine> as ModuleEngine;

  const createCache = (maxBytes: number) =>
    new ArtifactCache({
      engine,
      directories: { modules, prepared },
      insecureRegistries: [registry.host],
      maxBytes,
      onError: error => {
        throw error;
      },
    });
  const { signal } = new AbortController();

  async function push(name: string) {
    const bytes = Buffer.concat([
      Buffer.from('\0asm\x0d\0\x01\0'),
      randomBytes(MODULE_BYTES - 8),
    ]);
    const path = join(directory, `${name}.wasm`);
    await writeFile(path, bytes);
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const { image } = await createModuleRegistry({
      registries: [{ host: registry.host, insecure: true }],
      toolchains: { directory: '', paths: {} },
      build: { timeoutMs: 0, maxOutputBytes: 0, maxModuleBytes: 0 },
      prebuilt: { allowedHosts: [] },
      invoke: { timeoutMs: 0 },
    }).push({
      path,
      reference: `${registry.host}/test/${name}:v1`,
      inspection: {
        digest,
        size: bytes.length,
        imports: [],
        exports: [],
      } as never,
      annotations: {},
      created: new Date(0),
    });
    return { image, file: digest.replace(':', '-') };
  }

  const onDisk = async () => ({
    modules: (await readdir(modules)).filter(name => name.endsWith('.wasm')),
    prepared: await readdir(prepared),
    manifests: (await readdir(modules)).filter(name =>
      name.endsWith('.manifest'),
    ).length,
  });

  async function age(file: string, days: number) {
    const then = new Date(Date.now() - days * 86_400_000);
    await utimes(join(modules, `${file}.wasm`), then, then);
    await utimes(join(prepared, `${file}-1.0.0`), then, then);
  }

  it('keeps the last used within its bytes, and removes the rest with their manifests', async () => {
    const [old, recent, last] = [
      await push('old'),
      await push('recent'),
      await push('last'),
    ];
    const cache = createCache(4 * MODULE_BYTES);
    for (const { image, file } of [old, recent]) {
      (await cache.take(image, signal)).release();
      await cache.settled();
      await age(file, file === old.file ? 2 : 1);
    }
    (await cache.take(last.image, signal)).release();
    await cache.settled();
    expect(await onDisk()).toEqual({
      modules: [`${recent.file}.wasm`, `${last.file}.wasm`].sort(),
      prepared: [`${recent.file}-1.0.0`, `${last.file}-1.0.0`].sort(),
      manifests: 2,
    });
  });

  it('never removes what is used, however old', async () => {
    const [used, other] = [await push('used'), await push('other')];
    const cache = createCache(0);
    const lease = await cache.take(used.image, signal);
    await age(used.file, 9);
    (await cache.take(other.image, signal)).release();
    await cache.settled();
    expect(await onDisk()).toEqual({
      modules: [`${used.file}.wasm`],
      prepared: [`${used.file}-1.0.0`],
      manifests: 1,
    });
    lease.release();
    await cache.settled();
    expect(await onDisk()).toEqual({ modules: [], prepared: [], manifests: 0 });
  });

  it('removes what a killed platform left half downloaded or half translated', async () => {
    const { image, file } = await push('whole');
    const cache = createCache(1e9);
    await cache.take(image, signal);
    await writeFile(join(modules, `${file}.wasm.1234.partial`), 'half');
    await mkdir(join(prepared, '.1234'));
    await cache.removePartial();
    expect(await onDisk()).toEqual({
      modules: [`${file}.wasm`],
      prepared: [`${file}-1.0.0`],
      manifests: 1,
    });
    expect(await readdir(modules)).toHaveLength(2);
  });
});
