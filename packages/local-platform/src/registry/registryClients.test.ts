import { execFile, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type {
  ArtifactFormatName,
  FoundArtifactFormat,
  ModuleInspection,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createModuleRegistry,
  type WasiConfig,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { startRegistry, type RunningRegistry } from './startRegistry';

const run = promisify(execFile);
const hasSkopeo = !spawnSync('skopeo', ['--version']).error;

const plugin: Partial<ModuleInspection> = {
  kind: 'module',
  exports: ['proxy_abi_version_0_2_1'],
};

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
    bytes = Buffer.concat([
      Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]),
      randomBytes(2_000_000),
    ]);
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

  const push = (
    format: ArtifactFormatName = 'wasm',
    parts: Partial<ModuleInspection> = {},
  ) =>
    client(credentials).push({
      path,
      format,
      reference: `${registry.host}/team/hello:1.0`,
      inspection: {
        kind: 'component',
        size: bytes.length,
        digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
        imports: [],
        exports: ['wasi:http/incoming-handler@0.2.3'],
        ...parts,
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

  it.each<[ArtifactFormatName, FoundArtifactFormat, Partial<ModuleInspection>]>(
    [
      ['krustlet', 'krustlet', {}],
      ['compat', 'compat', {}],
      ['istio-compat', 'istio-compat', plugin],
      ['istio-oci', 'istio-oci', plugin],
      ['kpt', 'kpt', { kind: 'module', imports: ['gojs.runtime.wasmExit'] }],
      ['index', 'wasm', {}],
    ],
  )(
    'keep the format %s, copy it to another repository and delete it',
    async (format, found, parts) => {
      const pushed = await push(format, parts);
      await expect(push(format, parts)).resolves.toEqual({
        ...pushed,
        uploadedBytes: 0,
      });
      const copy = `${registry.host}/other/copy:2.0`;
      const copied = await client(credentials).copy({
        from: { image: `${registry.host}/team/hello:1.0` },
        to: copy,
        referrers: true,
        maxBytes: 10_000_000,
      });
      expect(copied.digest).toBe(pushed.digest);
      // Manifests alone: the blobs were mounted.
      expect(copied.copiedBytes).toBeLessThan(10_000);
      const pulled = join(directory, 'pulled.wasm');
      await expect(
        client().pull(copy, pulled, { maxBytes: 10_000_000 }),
      ).resolves.toMatchObject({ format: found, size: bytes.length });
      expect(readFileSync(pulled).equals(bytes)).toBe(true);

      await client(credentials).delete(copied.image);
      await expect(client().describe(copy)).rejects.toMatchObject({
        code: 'REGISTRY_NOT_FOUND',
      });
    },
  );

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
