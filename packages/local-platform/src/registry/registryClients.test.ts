import { execFile, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ModuleInspection } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createModuleRegistry,
  type WasiConfig,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { startRegistry, type RunningRegistry } from './startRegistry';

const run = promisify(execFile);
const hasSkopeo = !spawnSync('skopeo', ['--version']).error;

describe('the local registry and its clients', () => {
  let directory: string;
  let path: string;
  let bytes: Buffer;
  let registry: RunningRegistry;
  const credentials = {
    username: 'me',
    password: 'pass:word',
    anonymousPull: true,
  };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'wasi-registry-clients-'));
    path = join(directory, 'hello.wasm');
    bytes = randomBytes(2_000_000);
    writeFileSync(path, bytes);
    registry = await startRegistry({
      directory: join(directory, 'registry'),
      credentials,
    });
  });

  afterEach(async () => {
    await registry.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const client = (account: { username?: string; password?: string } = {}) =>
    createModuleRegistry({
      registries: [{ host: registry.host, insecure: true, ...account }],
    } as WasiConfig);

  const push = () =>
    client(credentials).push({
      path,
      reference: `${registry.host}/team/hello:1.0`,
      inspection: {
        kind: 'component',
        size: bytes.length,
        digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
        imports: [],
        exports: ['wasi:http/incoming-handler@0.2.3'],
      } as Partial<ModuleInspection> as ModuleInspection,
      annotations: {},
      created: '2026-01-02T03:04:05Z',
    });

  it('keep a module that the portal pushes, and give it to the runner, which has no account', async () => {
    const pushed = await push();
    expect((await push()).uploadedBytes).toBe(0);
    const pulled = join(directory, 'pulled.wasm');
    await expect(
      client().pull(pushed.image, pulled, { maxBytes: 10_000_000 }),
    ).resolves.toEqual({
      digest: pushed.layerDigest,
      size: bytes.length,
      manifestDigest: pushed.digest,
      format: 'wasm',
    });
    expect(readFileSync(pulled).equals(bytes)).toBe(true);
    await expect(client().canPullAnonymously(pushed.image)).resolves.toBe(true);
  });

  (hasSkopeo ? describe : describe.skip)('skopeo', () => {
    it('reads a module byte for byte, and pushes one that we read', async () => {
      const pushed = await push();
      const copy = join(directory, 'copy');
      await run('skopeo', [
        'copy',
        '--src-tls-verify=false',
        `docker://${registry.host}/team/hello:1.0`,
        `dir:${copy}`,
      ]);
      expect(
        readFileSync(join(copy, pushed.layerDigest.slice(7))).equals(bytes),
      ).toBe(true);

      await run('skopeo', [
        'copy',
        '--dest-tls-verify=false',
        `--dest-creds=${credentials.username}:${credentials.password}`,
        `dir:${copy}`,
        `docker://${registry.host}/other/copy:2.0`,
      ]);
      const pulled = join(directory, 'pulled.wasm');
      await expect(
        client().pull(`${registry.host}/other/copy:2.0`, pulled, {
          maxBytes: 10_000_000,
        }),
      ).resolves.toEqual({
        digest: pushed.layerDigest,
        size: bytes.length,
        manifestDigest: pushed.digest,
      format: 'wasm',
      });
      expect(readFileSync(pulled).equals(bytes)).toBe(true);
    });
  });
});
