import { renameSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { ArtifactFormatName } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  digestOf,
  type ScriptedRegistry,
} from '../__fixtures__/scriptedRegistry';
import { requests, useRegistries } from '../__fixtures__/useRegistries';

const CREATED = '2026-01-02T03:04:05.000Z';
const any = expect.any(Number);

describe('the formats that are written', () => {
  const { module, start, push, clientOf } = useRegistries();

  const tagged = (registry: ScriptedRegistry) => {
    const { bytes, contentType } = registry.manifests.get('1.0')!;
    const manifest = JSON.parse(bytes.toString());
    expect(contentType).toBe(manifest.mediaType);
    return manifest;
  };
  const stored = (registry: ScriptedRegistry, digest: string) =>
    JSON.parse(
      (registry.manifests.get(digest)?.bytes ??
        registry.blobs.get(digest))!.toString(),
    );
  const proxyWasm = () => {
    module.inspection.kind = 'module';
    module.inspection.exports = ['memory', 'proxy_abi_version_0_2_1'];
  };
  const gojs = () => {
    module.inspection.kind = 'module';
    module.inspection.imports = ['gojs.runtime.wasmExit'];
  };

  it('krustlet: a bare layer, and a config of nothing', async () => {
    const registry = await start();
    await push(registry, { format: 'krustlet' });
    expect(tagged(registry)).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: {
        mediaType: 'application/vnd.wasm.config.v1+json',
        digest: digestOf(Buffer.from('{}')),
        size: 2,
      },
      layers: [
        {
          mediaType: 'application/vnd.wasm.content.layer.v1+wasm',
          digest: digestOf(module.bytes),
          size: module.bytes.length,
          annotations: { 'org.opencontainers.image.title': 'hello.wasm' },
        },
      ],
      annotations: {
        a: '1',
        b: '2',
        'org.opencontainers.image.created': CREATED,
      },
    });
  });

  it.each([
    {
      format: 'compat' as const,
      file: 'hello.wasm',
      run: { Entrypoint: ['/hello.wasm'], WorkingDir: '/' },
      prepare: () => {},
    },
    {
      format: 'istio-compat' as const,
      file: 'plugin.wasm',
      run: {},
      prepare: proxyWasm,
    },
  ])(
    '$format: an image of one file',
    async ({ format, file, run, prepare }) => {
      prepare();
      const registry = await start();
      await push(registry, { format });
      const manifest = tagged(registry);
      const layer = registry.blobs.get(manifest.layers[0].digest)!;
      const archive = gunzipSync(layer);
      expect(manifest).toEqual({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: {
          mediaType: 'application/vnd.oci.image.config.v1+json',
          digest: expect.any(String),
          size: any,
        },
        layers: [
          {
            mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
            digest: digestOf(layer),
            size: layer.length,
          },
        ],
        annotations: {
          a: '1',
          b: '2',
          'module.wasm.image/variant': 'compat',
          'org.opencontainers.image.created': CREATED,
        },
      });
      expect(stored(registry, manifest.config.digest)).toEqual({
        created: CREATED,
        architecture: 'wasm',
        os: 'wasi',
        config: run,
        rootfs: { type: 'layers', diff_ids: [digestOf(archive)] },
        history: [{ created: CREATED, created_by: `COPY ${file} /` }],
      });
      expect(archive.subarray(0, file.length).toString()).toBe(file);
      expect(
        archive.subarray(512, 512 + module.bytes.length).equals(module.bytes),
      ).toBe(true);
    },
  );

  it('istio-oci: the module, and what it runs on', async () => {
    proxyWasm();
    const registry = await start();
    await push(registry, { format: 'istio-oci' });
    const { layers, config } = tagged(registry);
    expect(layers).toEqual([
      {
        mediaType: 'application/vnd.module.wasm.config.v1+json',
        digest: expect.any(String),
        size: any,
        annotations: {
          'org.opencontainers.image.title': 'runtime-config.json',
        },
      },
      {
        mediaType: 'application/vnd.module.wasm.content.layer.v1+wasm',
        digest: digestOf(module.bytes),
        size: module.bytes.length,
        annotations: { 'org.opencontainers.image.title': 'hello.wasm' },
      },
    ]);
    expect(stored(registry, layers[0].digest)).toEqual({
      type: 'envoy_proxy',
      abiVersions: ['v0.2.1'],
    });
    expect(config.mediaType).toBe('application/vnd.oci.image.config.v1+json');
  });

  it('kpt: an entry of a Docker list', async () => {
    gojs();
    const registry = await start();
    const pushed = await push(registry, { format: 'kpt' });
    const { manifests, ...list } = tagged(registry);
    expect(list).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json',
    });
    expect(manifests).toEqual([
      {
        mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
        digest: expect.any(String),
        size: any,
        platform: { os: 'js', architecture: 'wasm' },
      },
    ]);
    const manifest = stored(registry, manifests[0].digest);
    expect(manifest).toMatchObject({
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      config: { mediaType: 'application/vnd.docker.container.image.v1+json' },
      layers: [
        { mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip' },
      ],
    });
    expect(pushed).not.toHaveProperty('runnerImage');
  });

  it('index: an image to be run, and the artifact that the runner takes by digest', async () => {
    const registry = await start();
    const pushed = await push(registry, { format: 'index' });
    const { manifests, mediaType } = tagged(registry);
    expect(mediaType).toBe('application/vnd.oci.image.index.v1+json');
    expect(manifests).toMatchObject([
      { platform: { os: 'wasi', architecture: 'wasm' } },
      {
        artifactType: 'application/vnd.wasm.config.v0+json',
        platform: { os: 'wasip2', architecture: 'wasm' },
      },
    ]);
    expect(pushed).toMatchObject({
      image: `${registry.host}/team/hello@${pushed.digest}`,
      runnerImage: `${registry.host}/team/hello@${manifests[1].digest}`,
    });
    await expect(
      clientOf(registry.host).describe(pushed.runnerImage!),
    ).resolves.toMatchObject({
      index: false,
      layers: [{ mediaType: 'application/wasm' }],
    });
  });

  it.each<[ArtifactFormatName, () => void]>([
    ['krustlet', () => {}],
    ['compat', () => {}],
    ['istio-compat', proxyWasm],
    ['istio-oci', proxyWasm],
    ['kpt', gojs],
    ['index', () => {}],
  ])(
    '%s: an unchanged module is the same artifact a year later',
    async (format, prepare) => {
      prepare();
      const registry = await start();
      const first = await push(registry, { format });
      registry.seen.length = 0;
      await expect(
        push(registry, { format, created: '2027-01-01T00:00:00Z' }),
      ).resolves.toEqual({ ...first, uploadedBytes: 0 });
      expect(
        registry.seen.filter(({ method }) => !['GET', 'HEAD'].includes(method)),
      ).toEqual([]);
    },
  );

  it.each<ArtifactFormatName>(['istio-compat', 'istio-oci', 'kpt'])(
    '%s is refused to a function, before the registry is asked',
    async format => {
      const registry = await start();
      await expect(push(registry, { format })).rejects.toMatchObject({
        code: 'FORMAT_UNFIT',
      });
      expect(registry.seen).toEqual([]);
    },
  );

  it('refuses to pack a file that is not any more what was inspected', async () => {
    const registry = await start();
    module.inspection.digest = `sha256:${'0'.repeat(64)}`;
    await expect(push(registry, { format: 'compat' })).rejects.toMatchObject({
      code: 'SOURCE_DIGEST_MISMATCH',
    });
    expect(requests(registry).filter(line => /^P/.test(line))).toEqual([]);
  });

  it('gives a file of a strange name a plain one, which engines understand', async () => {
    const registry = await start();
    const path = module.path.replace('hello.wasm', 'a b#c');
    renameSync(module.path, path);
    await push(registry, { format: 'compat', path });
    const { config } = tagged(registry);
    expect(stored(registry, config.digest).config.Entrypoint).toEqual([
      '/module.wasm',
    ]);
  });

  it('keeps entries of other platforms word for word, with fields that nobody knows', async () => {
    const registry = await start();
    const other = {
      'x-unknown': { a: [1, 'two'] },
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      size: 12,
      digest: `sha256:${'1'.repeat(64)}`,
      platform: { 'os.features': ['x'], architecture: 'amd64', os: 'linux' },
    };
    const wasm = { ...other, platform: { os: 'wasip1', architecture: 'wasm' } };
    const contentType = 'application/vnd.oci.image.index.v1+json';
    registry.manifests.set('1.0', {
      contentType,
      bytes: Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          annotations: { kept: 'yes' },
          mediaType: contentType,
          manifests: [other, wasm],
        }),
      ),
    });
    // What is replaced need not be there any more.
    await push(registry, { format: 'index' });
    const { manifests, annotations } = tagged(registry);
    expect(annotations).toEqual({ kept: 'yes' });
    expect(JSON.stringify(manifests[0])).toBe(JSON.stringify(other));
    expect(manifests.map(({ platform }: typeof other) => platform.os)).toEqual([
      'linux',
      'wasi',
      'wasip2',
    ]);
  });
});
