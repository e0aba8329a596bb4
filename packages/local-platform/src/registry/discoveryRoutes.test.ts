import {
  manifestType,
  indexType,
  sha256,
  useRegistry,
} from './__fixtures__/useRegistry';

// Every push waits for the disk.
jest.setTimeout(60_000);

const { call, composeManifest, putManifest, errorOf } = useRegistry();

describe('tags', () => {
  beforeEach(async () => {
    const bytes = await composeManifest('team/app');
    for (const tag of ['v2', 'V1', 'b', 'A', 'v1', '10']) {
      await putManifest('team/app', tag, bytes);
    }
  });

  const list = async (query = '') => {
    const response = await call('GET', `/v2/team/app/tags/list${query}`);
    const { tags } = (await response.json()) as { tags: string[] };
    return { tags, link: response.headers.get('link') };
  };

  it('are listed in the order of the specification', async () => {
    expect(await list()).toEqual({
      tags: ['10', 'A', 'b', 'V1', 'v1', 'v2'],
      link: null,
    });
  });

  it('are listed page by page, every one once', async () => {
    const seen: string[] = [];
    for (let query: string | undefined = '?n=4'; query; ) {
      const { tags, link } = await list(query);
      seen.push(...tags);
      query = link?.match(/^<[^?]+(\?[^>]+)>; rel="next"$/)?.[1];
    }
    expect(seen).toEqual(['10', 'A', 'b', 'V1', 'v1', 'v2']);
    expect(await list('?n=0')).toEqual({ tags: [], link: null });
    expect(await list('?last=b')).toEqual({
      tags: ['V1', 'v1', 'v2'],
      link: null,
    });
  });

  it('of an unknown repository are not found', async () => {
    expect(
      await errorOf(await call('GET', '/v2/nobody/app/tags/list')),
    ).toEqual({ status: 404, code: 'NAME_UNKNOWN' });
  });
});

describe('referrers', () => {
  it('are listed, filtered, and gone with their manifest', async () => {
    const subject = await composeManifest('team/app');
    const descriptor = {
      mediaType: manifestType,
      digest: sha256(subject),
      size: subject.length,
    };
    const sbom = await composeManifest('team/app', {
      subject: descriptor,
      artifactType: 'application/spdx+json',
      annotations: { made: 'by a test' },
    });
    const plain = await composeManifest('team/app', { subject: descriptor });
    // Before the subject exists, as the specification asks for.
    for (const referrer of [sbom, plain]) {
      const put = await putManifest('team/app', sha256(referrer), referrer);
      expect(put.headers.get('oci-subject')).toBe(descriptor.digest);
    }
    await putManifest('team/app', 'v1', subject);

    const list = async (query = '') => {
      const response = await call(
        'GET',
        `/v2/team/app/referrers/${descriptor.digest}${query}`,
      );
      expect(response.headers.get('content-type')).toBe(indexType);
      const { manifests } = (await response.json()) as {
        manifests: unknown[];
      };
      return {
        manifests,
        filters: response.headers.get('oci-filters-applied'),
      };
    };
    const sbomEntry = {
      mediaType: manifestType,
      digest: sha256(sbom),
      size: sbom.length,
      artifactType: 'application/spdx+json',
      annotations: { made: 'by a test' },
    };
    const plainEntry = {
      mediaType: manifestType,
      digest: sha256(plain),
      size: plain.length,
      artifactType: 'application/vnd.example+json',
    };
    const all = await list();
    expect(all.filters).toBeNull();
    expect(all.manifests).toHaveLength(2);
    expect(all.manifests).toEqual(
      expect.arrayContaining([sbomEntry, plainEntry]),
    );
    expect(await list('?artifactType=application/spdx%2Bjson')).toEqual({
      manifests: [sbomEntry],
      filters: 'artifactType',
    });
    await call('DELETE', `/v2/team/app/manifests/${sha256(sbom)}`);
    expect(await list()).toEqual({ manifests: [plainEntry], filters: null });
  });

  it('of something unknown are an empty list, of nonsense an error', async () => {
    const response = await call(
      'GET',
      `/v2/team/app/referrers/sha256:${'0'.repeat(64)}`,
    );
    expect(await response.json()).toEqual({
      schemaVersion: 2,
      mediaType: indexType,
      manifests: [],
    });
    expect(
      await errorOf(await call('GET', '/v2/team/app/referrers/nonsense')),
    ).toEqual({ status: 400, code: 'DIGEST_INVALID' });
  });
});
