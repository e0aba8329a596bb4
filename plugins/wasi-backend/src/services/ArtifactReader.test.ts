import { access, readdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { mockServices } from '@backstage/backend-test-utils';
import {
  WasiError,
  type ModuleInspection,
  type SupplyChainView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ArtifactManifest,
  ModuleRegistry,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { ArtifactReader } from './ArtifactReader';

const image = 'localhost:5000/pay@sha256:aa';

const manifest: ArtifactManifest = {
  image,
  digest: 'sha256:aa',
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  index: false,
  layers: [
    {
      mediaType: 'application/wasm',
      digest: 'sha256:bb',
      size: 8,
      annotations: {},
    },
  ],
  annotations: { 'org.opencontainers.image.version': 'v1' },
};

const inspection = { kind: 'component', size: 8 } as ModuleInspection;

describe('reading an artifact', () => {
  let registry: {
    describe: jest.Mock<Promise<ArtifactManifest>, [string]>;
    pull: jest.Mock<ReturnType<ModuleRegistry['pull']>, [string, string]>;
    canPullAnonymously: jest.Mock<Promise<boolean>, [string]>;
  };
  let inspected: string[];
  const supplyChains = new Map<string, SupplyChainView>();
  let reader: ArtifactReader;

  beforeEach(() => {
    inspected = [];
    supplyChains.clear();
    registry = {
      describe: jest.fn<Promise<ArtifactManifest>, [string]>(
        async () => manifest,
      ),
      pull: jest.fn(async (_reference: string, path: string) => {
        await writeFile(path, 'asm');
        return {
          digest: 'sha256:bb',
          size: 8,
          manifestDigest: 'sha256:aa',
          format: 'wasm' as const,
        };
      }),
      canPullAnonymously: jest.fn<Promise<boolean>, [string]>(
        async () => false,
      ),
    };
    reader = new ArtifactReader({
      registry,
      inspect: async path => {
        await access(path);
        inspected.push(path);
        return inspection;
      },
      supplyChains: { read: async asked => supplyChains.get(asked) },
      maxModuleBytes: 100,
      logger: mockServices.logger.mock(),
    });
  });

  it('tells what the module is, and leaves no file behind', async () => {
    await expect(reader.read(image)).resolves.toEqual({
      image,
      digest: 'sha256:aa',
      size: 8,
      format: 'wasm',
      annotations: { 'org.opencontainers.image.version': 'v1' },
      inspection,
    });
    await expect(readdir(dirname(inspected[0]))).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });

  it.each([
    { what: 'a module', pulls: true },
    { what: 'a module that cannot be pulled', pulls: false },
  ])('tells where $what comes from', async ({ pulls }) => {
    const known: SupplyChainView = {
      signature: { state: 'trusted', keys: ['release'] },
      sbom: { packages: 3, signed: true },
    };
    supplyChains.set(manifest.image, known);
    if (!pulls) {
      registry.pull.mockRejectedValue(
        new WasiError('REGISTRY_UNREACHABLE', { message: 'gone' }),
      );
    }
    // Asked for by tag, and told of the digest that the tag names.
    const view = await reader.read('localhost:5000/pay:v1');
    expect(view.supplyChain).toEqual(known);
    expect(view.problem?.code).toBe(pulls ? undefined : 'REGISTRY_UNREACHABLE');
  });

  it('pulls once for all who ask at the same time and later', async () => {
    const answers = await Promise.all([
      reader.read(image),
      reader.read(image),
      reader.read('localhost:5000/pay:v1'),
    ]);
    answers.push(await reader.read(image));

    expect(new Set(answers.map(answer => answer.inspection))).toEqual(
      new Set([inspection]),
    );
    expect(registry.pull).toHaveBeenCalledTimes(1);
  });

  it('asks again what a tag names, but not what a digest names', async () => {
    await reader.read(image);
    await reader.read(image);
    expect(registry.describe).toHaveBeenCalledTimes(1);

    await reader.read('localhost:5000/pay:v1');
    await reader.read('localhost:5000/pay:v1');
    expect(registry.describe).toHaveBeenCalledTimes(3);
  });

  it('knows for later what it has read of a digest', async () => {
    expect(reader.knownFacts(image)).toEqual({});

    await reader.read(image);

    expect(reader.knownFacts(image)).toEqual({
      layout: {
        mediaType: manifest.mediaType,
        layerMediaTypes: ['application/wasm'],
        index: false,
      },
      anonymousPull: false,
      inspection,
    });
  });

  it('reads the module of an index, which has no layers itself', async () => {
    registry.describe.mockResolvedValue({
      ...manifest,
      index: true,
      layers: [],
    });
    registry.pull.mockImplementation(async (_reference, path) => {
      await writeFile(path, 'asm');
      return {
        digest: 'sha256:bb',
        size: 8,
        manifestDigest: 'sha256:cc',
        format: 'compat' as const,
        platform: 'wasi/wasm',
      };
    });

    await expect(reader.read(image)).resolves.toEqual({
      image,
      digest: 'sha256:aa',
      format: 'compat',
      annotations: { 'org.opencontainers.image.version': 'v1' },
      inspection,
    });
  });

  it('tells of an image without module what is wrong with it', async () => {
    registry.pull.mockRejectedValue(
      new WasiError('IMAGE_WITHOUT_MODULE', { message: 'only linux/amd64' }),
    );

    await expect(reader.read(image)).resolves.toMatchObject({
      digest: 'sha256:aa',
      problem: {
        code: 'IMAGE_WITHOUT_MODULE',
        severity: 'error',
        message: 'only linux/amd64',
        remedy: expect.any(String),
      },
    });
  });

  it('tells why a registry did not answer, and tries again next time', async () => {
    registry.pull.mockRejectedValueOnce(
      new WasiError('REGISTRY_UNREACHABLE', { message: 'down' }),
    );

    await expect(reader.read(image)).resolves.toMatchObject({
      problem: { code: 'REGISTRY_UNREACHABLE', message: 'down' },
    });
    await expect(reader.read(image)).resolves.toMatchObject({ inspection });
  });

  it('does not need to know whether others may pull', async () => {
    registry.canPullAnonymously.mockRejectedValue(
      new WasiError('REGISTRY_UNREACHABLE', { message: 'down' }),
    );

    const view = await reader.read(image);

    expect(view.problem).toBeUndefined();
    expect(reader.knownFacts(image).anonymousPull).toBeUndefined();
  });

  it('shows no text of an error that is not ours', async () => {
    registry.describe.mockRejectedValueOnce(new Error('token=hunter2'));

    const view = await reader.read(image);

    expect(view.problem).toMatchObject({ code: 'REGISTRY_UNEXPECTED' });
    expect(JSON.stringify(view)).not.toContain('hunter2');
  });
});
