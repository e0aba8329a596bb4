import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startRegistry,
  type RegistryOptions,
  type RunningRegistry,
} from './startRegistry';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';

const sha256 = (bytes: Uint8Array) =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

// Every push waits for the disk.
jest.setTimeout(60_000);

describe('startRegistry', () => {
  let directory: string;
  let registry: RunningRegistry;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'wasi-local-registry-'));
    await start();
  });

  afterEach(async () => {
    await registry.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function start(options: Partial<RegistryOptions> = {}) {
    registry = await startRegistry({ directory, ...options });
  }

  const call = (method: string, path: string, init: RequestInit = {}) =>
    fetch(`http://${registry.host}${path}`, { method, ...init });

  async function beginUpload(name: string): Promise<string> {
    const response = await call('POST', `/v2/${name}/blobs/uploads/`);
    expect(response.status).toBe(202);
    return response.headers.get('location')!;
  }

  async function pushBlob(name: string, bytes: Buffer): Promise<string> {
    const digest = sha256(bytes);
    const response = await call(
      'PUT',
      `${await beginUpload(name)}?digest=${digest}`,
      { body: bytes },
    );
    expect(response.status).toBe(201);
    return digest;
  }

  async function composeManifest(name: string, extra: object = {}) {
    const config = Buffer.from('{}');
    const layer = randomBytes(100);
    return Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: manifestType,
        config: {
          mediaType: 'application/vnd.example+json',
          digest: await pushBlob(name, config),
          size: config.length,
        },
        layers: [
          {
            mediaType: 'application/wasm',
            digest: await pushBlob(name, layer),
            size: layer.length,
          },
        ],
        ...extra,
      }),
    );
  }

  const putManifest = (
    name: string,
    reference: string,
    bytes: Buffer,
    contentType = manifestType,
  ) =>
    call('PUT', `/v2/${name}/manifests/${reference}`, {
      body: bytes,
      headers: { 'content-type': contentType },
    });

  async function errorOf(response: Response) {
    const { errors } = (await response.json()) as {
      errors: { code: string }[];
    };
    return { status: response.status, code: errors[0].code };
  }

  it('answers the version check', async () => {
    const response = await call('GET', '/v2/');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({});
  });

  describe('blobs', () => {
    const bytes = randomBytes(1000);
    const digest = sha256(bytes);

    it('are stored in one piece and read back', async () => {
      await pushBlob('team/app', bytes);
      const response = await call('GET', `/v2/team/app/blobs/${digest}`);
      expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(
        true,
      );
      expect(response.headers.get('docker-content-digest')).toBe(digest);
      const head = await call('HEAD', `/v2/team/app/blobs/${digest}`);
      expect(head.status).toBe(200);
      expect(head.headers.get('content-length')).toBe('1000');
    });

    it('are stored with a single POST', async () => {
      const response = await call(
        'POST',
        `/v2/team/app/blobs/uploads/?digest=${digest}`,
        { body: bytes },
      );
      expect(response.status).toBe(201);
      expect(response.headers.get('location')).toBe(
        `/v2/team/app/blobs/${digest}`,
      );
    });

    it('are stored in chunks, in order only', async () => {
      const location = await beginUpload('team/app');
      const chunk = (from: number, to: number) =>
        call('PATCH', location, {
          body: bytes.subarray(from, to),
          headers: { 'content-range': `${from}-${to - 1}` },
        });
      const first = await chunk(0, 400);
      expect(first.status).toBe(202);
      expect(first.headers.get('range')).toBe('0-399');
      const outOfOrder = await chunk(500, 1000);
      expect(outOfOrder.status).toBe(416);
      expect(outOfOrder.headers.get('range')).toBe('0-399');
      const state = await call('GET', location);
      expect([state.status, state.headers.get('range')]).toEqual([
        204,
        '0-399',
      ]);
      const last = await call('PUT', `${location}?digest=${digest}`, {
        body: bytes.subarray(400),
        headers: { 'content-range': '400-999' },
      });
      expect(last.status).toBe(201);
      expect((await call('GET', location)).status).toBe(404);
    });

    it('take sha512 as well', async () => {
      const long = `sha512:${createHash('sha512').update(bytes).digest('hex')}`;
      const put = await call(
        'PUT',
        `${await beginUpload('team/app')}?digest=${long}`,
        { body: bytes },
      );
      expect(put.status).toBe(201);
      expect((await call('HEAD', `/v2/team/app/blobs/${long}`)).status).toBe(
        200,
      );
    });

    it('are refused with another digest, and nothing is kept', async () => {
      const other = sha256(randomBytes(8));
      const response = await call(
        'PUT',
        `${await beginUpload('team/app')}?digest=${other}`,
        { body: bytes },
      );
      expect(await errorOf(response)).toEqual({
        status: 400,
        code: 'DIGEST_INVALID',
      });
      expect((await call('HEAD', `/v2/team/app/blobs/${other}`)).status).toBe(
        404,
      );
      expect(readdirSync(join(directory, 'temporary'))).toEqual([]);
    });

    it('go on where a broken connection left them', async () => {
      const location = await beginUpload('team/app');
      await call('PATCH', location, { body: bytes.subarray(0, 100) });
      await new Promise<void>(resolve => {
        const broken = request(`http://${registry.host}${location}`, {
          method: 'PATCH',
          headers: { 'content-length': '900' },
        });
        broken.on('error', () => resolve());
        broken.write(bytes.subarray(100, 300), () => broken.destroy());
      });
      let state: Response;
      do {
        state = await call('PUT', `${location}?digest=${digest}`, {
          body: bytes.subarray(100),
        });
        // 409 while the registry has not noticed yet that the other side is gone.
      } while (state.status === 409);
      expect(state.status).toBe(201);
    });

    it('are read in part', async () => {
      await pushBlob('team/app', bytes);
      const read = async (range: string) => {
        const response = await call('GET', `/v2/team/app/blobs/${digest}`, {
          headers: { range },
        });
        return {
          status: response.status,
          range: response.headers.get('content-range'),
          body: Buffer.from(await response.arrayBuffer()),
        };
      };
      expect(await read('bytes=10-19')).toEqual({
        status: 206,
        range: 'bytes 10-19/1000',
        body: bytes.subarray(10, 20),
      });
      expect(await read('bytes=990-')).toEqual({
        status: 206,
        range: 'bytes 990-999/1000',
        body: bytes.subarray(990),
      });
      expect(await read('bytes=-5')).toEqual({
        status: 206,
        range: 'bytes 995-999/1000',
        body: bytes.subarray(995),
      });
      expect(await read('bytes=1000-')).toMatchObject({
        status: 416,
        range: 'bytes */1000',
      });
    });

    it('are mounted from another repository', async () => {
      await pushBlob('team/app', bytes);
      const mounted = await call(
        'POST',
        `/v2/other/app/blobs/uploads/?mount=${digest}&from=team/app`,
      );
      expect(mounted.status).toBe(201);
      expect((await call('HEAD', `/v2/other/app/blobs/${digest}`)).status).toBe(
        200,
      );
      const unknown = await call(
        'POST',
        `/v2/other/app/blobs/uploads/?mount=${digest}&from=nobody/app`,
      );
      expect(unknown.status).toBe(202);
      expect(unknown.headers.get('location')).toMatch(
        /^\/v2\/other\/app\/blobs\/uploads\//,
      );
    });

    it('are seen in their own repository only, and go from it alone', async () => {
      await pushBlob('team/app', bytes);
      await pushBlob('other/app', bytes);
      expect((await call('GET', `/v2/third/app/blobs/${digest}`)).status).toBe(
        404,
      );
      const removed = await call('DELETE', `/v2/team/app/blobs/${digest}`);
      expect(removed.status).toBe(202);
      expect(
        await errorOf(await call('GET', `/v2/team/app/blobs/${digest}`)),
      ).toEqual({ status: 404, code: 'BLOB_UNKNOWN' });
      expect((await call('GET', `/v2/other/app/blobs/${digest}`)).status).toBe(
        200,
      );
    });

    it('are refused when they are too large', async () => {
      await registry.close();
      await start({ maxBlobBytes: 999 });
      const response = await call(
        'PUT',
        `${await beginUpload('team/app')}?digest=${digest}`,
        { body: bytes },
      );
      expect(await errorOf(response)).toEqual({
        status: 413,
        code: 'SIZE_INVALID',
      });
    });

    it('are sent by many at once', async () => {
      const blobs = Array.from({ length: 20 }, () => randomBytes(50_000));
      const digests = await Promise.all(
        [...blobs, ...blobs].map(blob => pushBlob('team/app', blob)),
      );
      const read = await Promise.all(
        digests.map(async one => {
          const response = await call('GET', `/v2/team/app/blobs/${one}`);
          return sha256(Buffer.from(await response.arrayBuffer()));
        }),
      );
      expect(read).toEqual(digests);
    });
  });

  describe('manifests', () => {
    it('are stored byte for byte, under tag and digest', async () => {
      const bytes = await composeManifest('team/app', {
        extra: { b: 1, a: 2 },
      });
      const put = await putManifest('team/app', 'v1', bytes);
      expect(put.status).toBe(201);
      expect(put.headers.get('docker-content-digest')).toBe(sha256(bytes));
      for (const reference of ['v1', sha256(bytes)]) {
        const response = await call(
          'GET',
          `/v2/team/app/manifests/${reference}`,
        );
        expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(
          true,
        );
        expect(response.headers.get('content-type')).toBe(manifestType);
        expect(response.headers.get('docker-content-digest')).toBe(
          sha256(bytes),
        );
      }
    });

    it('outlive the process', async () => {
      const bytes = await composeManifest('team/app');
      await putManifest('team/app', 'v1', bytes);
      await registry.close();
      await start();
      const response = await call('GET', '/v2/team/app/manifests/v1');
      expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(
        true,
      );
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
        (await call('DELETE', `/v2/team/app/manifests/${sha256(bytes)}`))
          .status,
      ).toBe(202);
      expect(
        await (await call('GET', '/v2/team/app/tags/list')).json(),
      ).toEqual({ name: 'team/app', tags: [] });
      expect(
        await errorOf(await call('GET', '/v2/team/app/manifests/v2')),
      ).toEqual({ status: 404, code: 'MANIFEST_UNKNOWN' });
    });
  });

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

  it.each([
    ['GET', '/v2/..%2f..%2f..%2fetc/manifests/passwd', 400],
    ['GET', '/v2/team/%2e%2e%2f%2e%2e/tags/list', 400],
    ['PUT', '/v2/team/app/manifests/..%2fv1', 404],
    ['PUT', '/v2/team/app/manifests/.hidden', 400],
    ['GET', '/v2/team/app/blobs/sha256:..%2f..%2fx', 404],
    ['GET', '/v2/_tags/manifests/x', 400],
    ['GET', '/v2/Team/app/tags/list', 400],
    ['GET', `/v2/${'a'.repeat(256)}/tags/list`, 400],
    ['GET', '/v2/team/%zz/tags/list', 400],
    ['PATCH', '/v2/team/app/blobs/uploads/..%2f..%2fx', 404],
    ['GET', '/elsewhere', 404],
  ])('lets nobody out of its folder: %s %s', async (method, path, status) => {
    // Not fetch, which would tidy the path up.
    const answered = await new Promise<number | undefined>(resolve => {
      request(`http://${registry.host}`, { method, path }, response => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(answered).toBe(status);
    expect(readdirSync(directory).sort()).toEqual([
      'blobs',
      'repositories',
      'temporary',
    ]);
    expect(readdirSync(join(directory, 'repositories'))).toEqual([]);
  });

  it('refuses methods that make no sense', async () => {
    const response = await call('POST', '/v2/team/app/tags/list');
    expect(response.headers.get('allow')).toBe('GET');
    expect(await errorOf(response)).toEqual({
      status: 405,
      code: 'UNSUPPORTED',
    });
  });

  describe('with an account', () => {
    const login = (account: string) => ({
      headers: {
        authorization: `Basic ${Buffer.from(account).toString('base64')}`,
      },
    });
    const credentials = { username: 'me', password: 'pass:word' };

    it('lets in who has it, and nobody else', async () => {
      await registry.close();
      await start({ credentials });
      const anonymous = await call('GET', '/v2/');
      expect(anonymous.headers.get('www-authenticate')).toMatch(
        /^Basic realm=/,
      );
      expect(await errorOf(anonymous)).toEqual({
        status: 401,
        code: 'UNAUTHORIZED',
      });
      for (const account of ['me:wrong', 'me:', 'you:pass:word', '']) {
        expect((await call('GET', '/v2/', login(account))).status).toBe(401);
      }
      expect((await call('GET', '/v2/', login('me:pass:word'))).status).toBe(
        200,
      );
    });

    it('may let everybody read', async () => {
      await registry.close();
      await start({ credentials: { ...credentials, anonymousPull: true } });
      const read = await call('GET', '/v2/a/tags/list');
      expect(await errorOf(read)).toEqual({
        status: 404,
        code: 'NAME_UNKNOWN',
      });
      // Else docker and skopeo would not know that there is an account.
      expect((await call('GET', '/v2/')).status).toBe(401);
      expect((await call('POST', '/v2/a/blobs/uploads/')).status).toBe(401);
      expect((await call('GET', '/v2/', login('me:wrong'))).status).toBe(401);
    });
  });
});
