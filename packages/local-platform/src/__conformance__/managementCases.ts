// Cases of a suite that is run once a registry, which may lack what the specification leaves open.
/* eslint-disable jest/no-export, jest/no-conditional-expect, jest/no-standalone-expect, jest/valid-describe-callback */
import { randomBytes } from 'node:crypto';
import {
  digestOf,
  errorCodes,
  type RegistryUnderTest,
} from './RegistryUnderTest';
import type { Suite } from './Suite';

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#content-management */
export function managementCases(suite: Suite): void {
  let registry: RegistryUnderTest;
  let manifest: Buffer;

  beforeEach(async () => {
    registry = suite.registry().another();
    manifest = await registry.composeManifest();
    for (const tag of ['kept', 'gone']) {
      await registry.putManifest(tag, manifest);
    }
  });

  const remove = (kind: 'manifests' | 'blobs', reference: string) =>
    registry.call('DELETE', `${registry.name}/${kind}/${reference}`);

  const tags = async () =>
    (await registry.call('GET', `${registry.name}/tags/list`)).json().tags ??
    [];

  suite.itWith('delete by tag')(
    'takes a tag away, and leaves the manifest and its other tags',
    async () => {
      expect((await remove('manifests', 'gone')).status).toBe(202);
      expect((await registry.getManifest('gone')).status).toBe(404);
      expect(await tags()).toEqual(['kept']);
      expect((await registry.getManifest(digestOf(manifest))).status).toBe(200);
    },
  );

  it('takes a manifest away with its tags', async () => {
    expect((await remove('manifests', digestOf(manifest))).status).toBe(202);
    for (const reference of ['kept', 'gone', digestOf(manifest)]) {
      const answer = await registry.getManifest(reference);
      expect(answer.status).toBe(404);
      expect(errorCodes(answer)).toEqual(['MANIFEST_UNKNOWN']);
    }
    expect(await tags()).toEqual([]);
  });

  it('takes a blob away', async () => {
    const digest = await registry.pushBlob(randomBytes(100));
    expect((await remove('blobs', digest)).status).toBe(202);
    const answer = await registry.call(
      'GET',
      `${registry.name}/blobs/${digest}`,
    );
    expect(answer.status).toBe(404);
    expect(errorCodes(answer)).toEqual(['BLOB_UNKNOWN']);
  });

  it('finds nothing to take away where nothing is', async () => {
    const nowhere = digestOf(randomBytes(8));
    const blob = await remove('blobs', nowhere);
    expect(blob.status).toBe(404);
    expect(errorCodes(blob)).toEqual(['BLOB_UNKNOWN']);
    const gone = await remove('manifests', nowhere);
    expect(gone.status).toBe(404);
    expect(errorCodes(gone)).toEqual(['MANIFEST_UNKNOWN']);
  });

  it('takes a manifest again after it was taken away', async () => {
    await remove('manifests', digestOf(manifest));
    const again = await registry.putManifest('kept', manifest);
    expect(again.status).toBe(201);
    expect((await registry.getManifest('kept')).status).toBe(200);
  });
}
