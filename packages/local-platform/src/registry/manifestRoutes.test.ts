import {
  manifestType,
  indexType,
  sha256,
  useRegistry,
} from './__fixtures__/useRegistry';

// Every push waits for the disk.
jest.setTimeout(60_000);

const served = useRegistry();
const { start, call, composeManifest, putManifest, errorOf } = served;

describe('manifests', () => {
  it('are stored byte for byte, under tag and digest', async () => {
    const bytes = await composeManifest('team/app', {
      extra: { b: 1, a: 2 },
    });
    const put = await putManifest('team/app', 'v1', bytes);
    expect(put.status).toBe(201);
    expect(put.headers.get('docker-content-digest')).toBe(sha256(bytes));
    for (const reference of ['v1', sha256(bytes)]) {
      const response = await call('GET', `/v2/team/app/manifests/${reference}`);
      expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(
        true,
      );
      expect(response.headers.get('content-type')).toBe(manifestType);
      expect(response.headers.get('docker-content-digest')).toBe(sha256(bytes));
    }
  });

  it('outlive the process', async () => {
    const bytes = await composeManifest('team/app');
    await putManifest('team/app', 'v1', bytes);
    await served.registry.close();
    await start();
    const response = await call('GET', '/v2/team/app/manifests/v1');
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it.each([
    {
      why: 'no JSON',
      body: '<html>',
      contentType: manifestType,
      code: 'MANIFEST_INVALID',
    },
    {
      why: 'a type that is not that of the header',
      body: `{"schemaVersion":2,"mediaType":"${manifestType}","manifests":[]}`,
      contentType: indexType,
      code: 'MANIFEST_INVALID',
    },
    {
      why: 'a blob that is not there',
      body: `{"schemaVersion":2,"config":{"mediaType":"a/b","size":1,"digest":"sha256:${'0'.repeat(
        64,
      )}"}}`,
      contentType: manifestType,
      code: 'MANIFEST_BLOB_UNKNOWN',
    },
    {
      why: 'a manifest that is not there',
      body: `{"schemaVersion":2,"manifests":[{"mediaType":"a/b","size":1,"digest":"sha256:${'0'.repeat(
        64,
      )}"}]}`,
      contentType: indexType,
      code: 'MANIFEST_BLOB_UNKNOWN',
    },
    {
      why: 'a path for a digest',
      body: '{"schemaVersion":2,"config":{"mediaType":"a/b","size":1,"digest":"sha256:../../../x"}}',
      contentType: manifestType,
      code: 'DIGEST_INVALID',
    },
  ])('are refused with $why', async ({ body, contentType, code }) => {
    const response = await putManifest(
      'team/app',
      'v1',
      Buffer.from(body),
      contentType,
    );
    expect(await errorOf(response)).toEqual({ status: 400, code });
    expect((await call('GET', '/v2/team/app/manifests/v1')).status).toBe(404);
  });

  it('are refused above 4 MiB', async () => {
    const response = await putManifest(
      'team/app',
      'v1',
      Buffer.alloc(4 * 1024 * 1024 + 1, ' '),
    );
    expect(await errorOf(response)).toEqual({
      status: 413,
      code: 'SIZE_INVALID',
    });
  });

  it('are refused under the digest of another', async () => {
    const bytes = await composeManifest('team/app');
    const response = await putManifest(
      'team/app',
      sha256(Buffer.from('x')),
      bytes,
    );
    expect(await errorOf(response)).toEqual({
      status: 400,
      code: 'DIGEST_INVALID',
    });
  });

  it('go by tag, or by digest with all their tags', async () => {
    const bytes = await composeManifest('team/app');
    for (const tag of ['v1', 'v2', 'v3']) {
      await putManifest('team/app', tag, bytes);
    }
    expect((await call('DELETE', '/v2/team/app/manifests/v1')).status).toBe(
      202,
    );
    expect(
      (await call('HEAD', `/v2/team/app/manifests/${sha256(bytes)}`)).status,
    ).toBe(200);
    expect(
      (await call('DELETE', `/v2/team/app/manifests/${sha256(bytes)}`)).status,
    ).toBe(202);
    expect(await (await call('GET', '/v2/team/app/tags/list')).json()).toEqual({
      name: 'team/app',
      tags: [],
    });
    expect(
      await errorOf(await call('GET', '/v2/team/app/manifests/v2')),
    ).toEqual({ status: 404, code: 'MANIFEST_UNKNOWN' });
  });
});
