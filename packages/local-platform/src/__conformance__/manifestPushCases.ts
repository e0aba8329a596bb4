// Cases of a suite that is run once a registry, which may lack what the specification leaves open.
/* eslint-disable jest/no-export, jest/no-conditional-expect, jest/no-standalone-expect, jest/valid-describe-callback */
import { randomBytes } from 'node:crypto';
import {
  digestOf,
  document,
  errorCodes,
  INDEX,
  locationOf,
  MANIFEST,
  type RegistryUnderTest,
} from './RegistryUnderTest';
import type { Suite } from './Suite';

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests */
export function manifestPushCases(suite: Suite): void {
  let registry: RegistryUnderTest;

  beforeEach(() => {
    registry = suite.registry();
  });

  async function expectStored(bytes: Buffer) {
    const answer = await registry.getManifest(digestOf(bytes));
    expect(answer.status).toBe(200);
    expect(answer.body.equals(bytes)).toBe(true);
  }

  it('is not there before it is pushed, and lies at the place answered after', async () => {
    const bytes = await registry.composeManifest();
    expect((await registry.getManifest(digestOf(bytes))).status).toBe(404);
    const put = await registry.putManifest('pushed', bytes);
    expect(put.status).toBe(201);
    const answer = await registry.call('GET', locationOf(put), {
      headers: { accept: MANIFEST },
    });
    expect(answer.body.equals(bytes)).toBe(true);
  });

  it('is pushed under many tags, and by digest', async () => {
    const bytes = await registry.composeManifest();
    for (const reference of ['one', 'two', 'three_3.0-x', digestOf(bytes)]) {
      expect((await registry.putManifest(reference, bytes)).status).toBe(201);
    }
    const answer = await registry.getManifest('three_3.0-x');
    expect(answer.header('docker-content-digest')).toBe(digestOf(bytes));
    await expectStored(bytes);
  });

  it('takes a tag over from an older one, which stays', async () => {
    const [older, newer] = [
      await registry.composeManifest(),
      await registry.composeManifest(),
    ];
    await registry.putManifest('moving', older);
    await registry.putManifest('moving', newer);
    const answer = await registry.getManifest('moving');
    expect(answer.body.equals(newer)).toBe(true);
    await expectStored(older);
  });

  it('may have no layers', async () => {
    const bytes = await registry.composeManifest({ layers: [] });
    expect((await registry.putManifest('empty-layers', bytes)).status).toBe(
      201,
    );
    await expectStored(bytes);
  });

  it('may be an artifact of any type', async () => {
    const bytes = await registry.composeArtifact({
      artifactType: 'application/vnd.example.thing',
    });
    expect((await registry.putManifest('artifact', bytes)).status).toBe(201);
    await expectStored(bytes);
  });

  it('may name layers that lie elsewhere', async () => {
    const bytes = await registry.composeManifest({
      layers: [
        {
          mediaType:
            'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
          digest: digestOf(randomBytes(8)),
          size: 8,
          urls: ['https://example.com/layer'],
        },
      ],
    });
    expect((await registry.putManifest('elsewhere', bytes)).status).toBe(201);
    await expectStored(bytes);
  });

  it('may be an index of others', async () => {
    const child = await registry.composeManifest();
    await registry.putManifest(digestOf(child), child);
    const bytes = document({
      mediaType: INDEX,
      manifests: [
        { mediaType: MANIFEST, digest: digestOf(child), size: child.length },
      ],
    });
    expect((await registry.putManifest('index', bytes, INDEX)).status).toBe(
      201,
    );
    const answer = await registry.getManifest('index');
    expect(answer.header('content-type')).toBe(INDEX);
  });

  it('is refused with a blob that is not there', async () => {
    const bytes = await registry.composeManifest({
      layers: [
        {
          mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
          digest: digestOf(randomBytes(8)),
          size: 8,
        },
      ],
    });
    const put = await registry.putManifest('missing', bytes);
    expect([400, 404]).toContain(put.status);
    expect(errorCodes(put)).toContain('MANIFEST_BLOB_UNKNOWN');
    expect((await registry.getManifest('missing')).status).toBe(404);
  });

  suite.itWith('sha512 manifests')(
    'is kept under a sha512 digest',
    async () => {
      const bytes = await registry.composeManifest();
      const long = digestOf(bytes, 'sha512');
      const put = await registry.putManifest(long, bytes);
      expect(put.status).toBe(201);
      expect(put.header('docker-content-digest')).toBe(long);
      const answer = await registry.getManifest(long);
      expect(answer.body.equals(bytes)).toBe(true);
    },
  );

  suite.itWith('referrers')(
    'with a subject is acknowledged, even before its subject is there',
    async () => {
      const subject = digestOf(randomBytes(8));
      const bytes = await registry.composeArtifact({
        artifactType: 'application/vnd.example.sbom',
        subject: { mediaType: MANIFEST, digest: subject, size: 8 },
      });
      const put = await registry.putManifest(digestOf(bytes), bytes);
      expect([put.status, put.header('oci-subject')]).toEqual([201, subject]);
    },
  );
}
