import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createAttester,
  createImageVerifier,
  createModuleRegistry,
  createReferrers,
  createSupplyChainReader,
  inspectModule,
  type WasiConfig,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { startRegistry, type RunningRegistry } from './startRegistry';

describe('what is attached to an image in the local registry', () => {
  const signing = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  let directory: string;
  let registry: RunningRegistry;
  let config: WasiConfig;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'wasi-referrers-'));
    registry = await startRegistry({ directory: join(directory, 'registry') });
    config = {
      registries: [{ host: registry.host, insecure: true }],
      signing,
      verification: {
        policy: 'enforce',
        keys: [{ name: 'local', key: signing.publicKey }],
        requireProvenance: true,
      },
    } as Partial<WasiConfig> as WasiConfig;
  });

  afterEach(async () => {
    await registry.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('is found by the referrers API, without a tag, and lets the image in', async () => {
    const path = join(directory, 'hello.wasm');
    writeFileSync(path, Buffer.from('0061736d0d000100', 'hex'));
    mkdirSync(join(directory, 'function'));
    const inspection = await inspectModule(path);
    const modules = createModuleRegistry(config);
    const { image } = await modules.push({
      path,
      reference: `${registry.host}/team/hello:1.0`,
      inspection,
      annotations: {},
      created: '2026-01-02T03:04:05Z',
    });
    const referrers = createReferrers(config);
    const verifier = createImageVerifier({ ...config, referrers });
    await expect(verifier.verify(image)).rejects.toMatchObject({
      code: 'IMAGE_NOT_SIGNED',
    });

    const attester = createAttester({
      registry: modules,
      referrers,
      builder: { id: 'http://localhost:3000', versions: {} },
      signing,
      now: () => new Date('2026-01-02T03:04:05Z'),
    });
    const attest = {
      image,
      inspection,
      name: 'hello',
      runtime: 'wat-wasi',
      directory: join(directory, 'function'),
      funcYaml: `sha256:${'0'.repeat(64)}`,
      tools: {},
    };
    await expect(attester.attest(attest)).resolves.toMatchObject({
      attached: 4,
    });
    await expect(attester.attest(attest)).resolves.toMatchObject({
      attached: 0,
    });

    const tags = await fetch(`http://${registry.host}/v2/team/hello/tags/list`);
    expect(await tags.json()).toEqual({ name: 'team/hello', tags: ['1.0'] });
    await expect(verifier.verify(image)).resolves.toEqual([]);
    await expect(
      createSupplyChainReader({ ...config, referrers }).read(image),
    ).resolves.toEqual({
      signature: { state: 'trusted', keys: ['local'] },
      provenance: { builder: 'http://localhost:3000', signed: true },
      sbom: { packages: 0, signed: true },
    });
  });
});
