import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { ModuleInspection } from '@wasi-functions/backstage-plugin-wasi-common';
import { configWith } from '../../registry/__fixtures__/modules';
import {
  startScriptedRegistry,
  type ScriptedRegistry,
} from '../../registry/__fixtures__/scriptedRegistry';
import { createReferrers } from '../../registry/referrers';
import {
  referrersApi,
  storeImage,
} from '../../registry/referrers/__fixtures__/referrersApi';
import { newKey } from '../__fixtures__/keys';
import { useFolder } from '../__fixtures__/useFolder';
import { createImageVerifier } from '../verification/createImageVerifier';
import { createSupplyChainReader } from '../verification/createSupplyChainReader';
import { createAttester, type AttestOptions } from './createAttester';

const sha256 = (text: string) =>
  `sha256:${createHash('sha256').update(text).digest('hex')}`;
const moduleDigest = sha256('module');
const REQUIREMENTS = 'a==1\nb==2\n';

describe('createAttester', () => {
  const folder = useFolder();
  const key = newKey();
  let registry: ScriptedRegistry;
  let image: string;
  let layers: { digest: string }[];
  let pulled: string;

  beforeEach(async () => {
    folder.write({ 'requirements.txt': REQUIREMENTS });
    registry = await startScriptedRegistry(exchange =>
      referrersApi(() => registry)(exchange),
    );
    image = storeImage(registry).image;
    layers = [{ digest: moduleDigest }];
    pulled = moduleDigest;
  });

  afterEach(() => registry.close());

  const referrers = () =>
    createReferrers(configWith([{ host: registry.host }]));

  function attest(
    options: Partial<AttestOptions> & { signing?: typeof key } = {},
  ) {
    const { signing, ...changes } = options;
    return createAttester({
      registry: {
        describe: async () => ({ layers } as never),
        async pull(_: unknown, path: string) {
          await writeFile(path, '');
          return { digest: pulled } as never;
        },
      },
      referrers: referrers(),
      builder: { id: 'https://portal.example.com', versions: { portal: '1' } },
      signing,
      now: () => new Date('2026-01-02T03:04:05Z'),
    }).attest({
      image,
      inspection: {
        digest: moduleDigest,
        size: 6,
        producers: [],
      } as Partial<ModuleInspection> as ModuleInspection,
      name: 'hello',
      runtime: 'python-wasi',
      directory: folder.path,
      funcYaml: sha256('func.yaml'),
      source: 'https://git.example.com/team/hello',
      revision: 'a'.repeat(40),
      tools: { 'componentize-py': '0.17.0', jco: '1.34.0' },
      invocationId: 'task-1',
      ...changes,
    });
  }

  /** Content of the layer of a referrer. */
  function contentOf(digest: string) {
    const { layers: blobs } = JSON.parse(
      registry.manifests.get(digest)!.bytes.toString(),
    );
    return JSON.parse(registry.blobs.get(blobs[0].digest)!.toString());
  }

  it('says how the module was built, in the words of SLSA', async () => {
    const { provenance } = await attest();
    expect(contentOf(provenance)).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [
        {
          name: image.split('@')[0],
          digest: { sha256: image.split('sha256:')[1] },
        },
      ],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          buildType: expect.stringMatching(/^https:.*#build-type-v1$/),
          externalParameters: {
            source: {
              repository: 'https://git.example.com/team/hello',
              revision: 'a'.repeat(40),
            },
            runtime: 'python-wasi',
            funcYaml: { digest: { sha256: sha256('func.yaml').slice(7) } },
          },
          resolvedDependencies: [
            {
              uri: `git+https://git.example.com/team/hello@${'a'.repeat(40)}`,
              digest: { gitCommit: 'a'.repeat(40) },
            },
            { name: 'componentize-py', annotations: { version: '0.17.0' } },
            { name: 'jco', annotations: { version: '1.34.0' } },
          ],
        },
        runDetails: {
          builder: {
            id: 'https://portal.example.com',
            version: { portal: '1' },
          },
          metadata: { invocationId: 'task-1' },
          byproducts: [
            {
              name: 'module.wasm',
              digest: { sha256: moduleDigest.slice(7) },
            },
          ],
        },
      },
    });
  });

  it('attaches SBOM and provenance without a key, and tells that nobody signed', async () => {
    const made = await attest();
    expect(made).toEqual({
      sbom: {
        digest: expect.stringMatching(/^sha256:/),
        packages: 2,
        file: 'requirements.txt',
      },
      provenance: expect.stringMatching(/^sha256:/),
      attached: 2,
    });
    await expect(
      createSupplyChainReader({ referrers: referrers() }).read(image),
    ).resolves.toEqual({
      provenance: {
        source: 'https://git.example.com/team/hello',
        revision: 'a'.repeat(40),
        builder: 'https://portal.example.com',
        signed: false,
      },
      sbom: { packages: 2, signed: false },
    });
  });

  it('signs image, SBOM and provenance with a key, and whoever trusts it believes them', async () => {
    const made = await attest({ signing: key });
    expect(made.attached).toBe(4);
    expect(
      JSON.parse(registry.manifests.get(made.signature!)!.bytes.toString())
        .annotations,
    ).toEqual({
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType':
        'https://sigstore.dev/cosign/sign/v1',
      'org.opencontainers.image.created': '2026-01-02T03:04:05.000Z',
    });
    const verification = {
      policy: 'enforce' as const,
      keys: [key.trusted],
      requireProvenance: true,
    };
    await expect(
      createImageVerifier({ referrers: referrers(), verification }).verify(
        image,
      ),
    ).resolves.toEqual([]);
    await expect(
      createSupplyChainReader({ referrers: referrers(), verification }).read(
        image,
      ),
    ).resolves.toEqual({
      signature: { state: 'trusted', keys: ['release'] },
      provenance: {
        source: 'https://git.example.com/team/hello',
        revision: 'a'.repeat(40),
        builder: 'https://portal.example.com',
        signed: true,
      },
      sbom: { packages: 2, signed: true },
    });
    const { trusted: stranger } = newKey('stranger');
    await expect(
      createSupplyChainReader({
        referrers: referrers(),
        verification: { ...verification, keys: [stranger] },
      }).read(image),
    ).resolves.toEqual({
      signature: { state: 'untrusted', keys: [] },
      sbom: { packages: 2, signed: false },
    });
  });

  it.each([
    { kind: 'with a key', signing: key },
    { kind: 'without', signing: undefined },
  ])(
    'attaches nothing new when another run says the same, $kind',
    async ({ signing }) => {
      const first = await attest({ signing });
      const again = await attest({ signing, invocationId: 'task-2' });
      expect(again).toEqual({ ...first, attached: 0 });
    },
  );

  it('attaches anew what has changed, and only that', async () => {
    const first = await attest({ signing: key });
    const again = await attest({ signing: key, revision: 'b'.repeat(40) });
    expect(again).toEqual({
      ...first,
      provenance: expect.not.stringMatching(first.provenance),
      attached: 1,
    });
  });

  it('signs anew with another key', async () => {
    await attest({ signing: key });
    const { attached } = await attest({ signing: newKey() });
    expect(attached).toBe(3);
  });

  it('says nothing of an image that holds another module', async () => {
    layers = [{ digest: sha256('other') }];
    pulled = sha256('other');
    await expect(attest({ signing: key })).rejects.toMatchObject({
      code: 'ATTESTATION_MISMATCH',
    });
    expect(registry.seen.filter(({ method }) => method === 'PUT')).toEqual([]);
  });

  it('finds the module inside of a layer, as container images have it', async () => {
    layers = [{ digest: sha256('layer.tar.gz') }];
    await expect(attest()).resolves.toMatchObject({ attached: 2 });
  });

  it('says nothing of a tag', async () => {
    await expect(
      attest({ image: `${registry.host}/team/hello:1.0` }),
    ).rejects.toMatchObject({ code: 'IMAGE_REFERENCE_INVALID' });
  });

  it('attaches nothing of the key', async () => {
    await attest({ signing: key });
    const lines = key.privatePem
      .split('\n')
      .filter(line => line && !line.includes('-'));
    const stored = [
      ...registry.blobs.values(),
      ...[...registry.manifests.values()].map(({ bytes }) => bytes),
    ].join('\n');
    for (const line of lines) {
      expect(stored).not.toContain(line);
    }
  });
});
