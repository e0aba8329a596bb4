// Cases of a suite that is run once a registry, which may lack what the specification leaves open.
/* eslint-disable jest/no-export, jest/no-conditional-expect, jest/no-standalone-expect, jest/valid-describe-callback */
import { randomBytes } from 'node:crypto';
import { manifestPushCases } from './manifestPushCases';
import {
  digestOf,
  errorCodes,
  locationOf,
  withDigest,
  type RegistryUnderTest,
} from './RegistryUnderTest';
import type { Suite } from './Suite';

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#push */
export function pushCases(suite: Suite): void {
  let registry: RegistryUnderTest;
  let bytes: Buffer;
  let digest: string;

  beforeEach(() => {
    registry = suite.registry();
    bytes = randomBytes(1000);
    digest = digestOf(bytes);
  });

  async function expectStored(name = registry.name, by = digest) {
    const answer = await registry.call('GET', `${name}/blobs/${by}`);
    expect(answer.status).toBe(200);
    expect(answer.body.equals(bytes)).toBe(true);
  }

  /** Every answer but the last gives the place of the next. */
  const chunk = (location: string, from: number, to: number) =>
    registry.call('PATCH', location, {
      body: bytes.subarray(from, to),
      headers: { 'content-range': `${from}-${to - 1}` },
    });

  describe('a blob', () => {
    it('is streamed by PATCH and closed by PUT', async () => {
      const patched = await registry.call(
        'PATCH',
        await registry.beginUpload(),
        { body: bytes },
      );
      expect(patched.status).toBe(202);
      const put = await registry.call(
        'PUT',
        withDigest(locationOf(patched), digest),
      );
      expect(put.status).toBe(201);
      await expectStored();
    });

    it('is sent by a single POST, or the POST begins an upload', async () => {
      const post = await registry.call(
        'POST',
        `${registry.name}/blobs/uploads/?digest=${digest}`,
        { body: bytes },
      );
      const stored = await registry.call(
        'HEAD',
        `${registry.name}/blobs/${digest}`,
      );
      expect([
        [201, 200],
        [202, 404],
      ]).toContainEqual([post.status, stored.status]);
      locationOf(post);
    });

    it('is sent by POST and PUT, and lies at the place answered', async () => {
      const put = await registry.call(
        'PUT',
        withDigest(await registry.beginUpload(), digest),
        { body: bytes },
      );
      expect(put.status).toBe(201);
      const answer = await registry.call('GET', locationOf(put));
      expect(answer.body.equals(bytes)).toBe(true);
    });

    it('of no bytes is a blob', async () => {
      bytes = Buffer.alloc(0);
      digest = digestOf(bytes);
      const put = await registry.call(
        'PUT',
        withDigest(await registry.beginUpload(), digest),
        { headers: { 'content-length': '0' } },
      );
      expect(put.status).toBe(201);
      await expectStored();
    });

    it('is refused under the digest of another', async () => {
      const other = digestOf(randomBytes(8));
      const put = await registry.call(
        'PUT',
        withDigest(await registry.beginUpload(), other),
        { body: bytes },
      );
      expect(put.status).toBe(400);
      expect(errorCodes(put)).toEqual(['DIGEST_INVALID']);
      expect(
        (await registry.call('HEAD', `${registry.name}/blobs/${other}`)).status,
      ).toBe(404);
    });

    it('is kept under a sha512 digest', async () => {
      const long = digestOf(bytes, 'sha512');
      const put = await registry.call(
        'PUT',
        withDigest(await registry.beginUpload(), long),
        { body: bytes },
      );
      expect(put.status).toBe(201);
      await expectStored(registry.name, long);
    });
  });

  describe('a blob in chunks', () => {
    it('is put together in order', async () => {
      const first = await chunk(await registry.beginUpload(), 0, 400);
      expect([first.status, first.header('range')]).toEqual([202, '0-399']);
      const second = await chunk(locationOf(first), 400, 1000);
      expect([second.status, second.header('range')]).toEqual([202, '0-999']);
      const put = await registry.call(
        'PUT',
        withDigest(locationOf(second), digest),
      );
      expect(put.status).toBe(201);
      await expectStored();
    });

    it('may end with the last chunk in the PUT', async () => {
      const first = await chunk(await registry.beginUpload(), 0, 400);
      const put = await registry.call(
        'PUT',
        withDigest(locationOf(first), digest),
        {
          body: bytes.subarray(400),
          headers: { 'content-range': '400-999' },
        },
      );
      expect(put.status).toBe(201);
      await expectStored();
    });

    suite.itWith('chunk order')(
      'is refused out of order, and when a chunk comes twice',
      async () => {
        const location = await registry.beginUpload();
        expect((await chunk(location, 400, 1000)).status).toBe(416);
        const first = await chunk(location, 0, 400);
        expect(first.status).toBe(202);
        expect((await chunk(locationOf(first), 0, 400)).status).toBe(416);
      },
    );

    it('goes on from where the upload says it stands', async () => {
      const first = await chunk(await registry.beginUpload(), 0, 400);
      const state = await registry.call('GET', locationOf(first));
      expect([state.status, state.header('range')]).toEqual([204, '0-399']);
      const second = await chunk(locationOf(state), 400, 1000);
      const put = await registry.call(
        'PUT',
        withDigest(locationOf(second), digest),
      );
      expect(put.status).toBe(201);
      await expectStored();
    });

    it('is given up', async () => {
      const first = await chunk(await registry.beginUpload(), 0, 400);
      const location = locationOf(first);
      expect((await registry.call('DELETE', location)).status).toBe(204);
      const state = await registry.call('GET', location);
      expect(state.status).toBe(404);
      expect(errorCodes(state)).toEqual(['BLOB_UPLOAD_UNKNOWN']);
    });
  });

  describe('a blob of another repository', () => {
    const mount = (query: string) =>
      registry.call('POST', `${registry.otherName}/blobs/uploads/?${query}`);

    it('is mounted, or an upload begins', async () => {
      await registry.pushBlob(bytes);
      const answer = await mount(`mount=${digest}&from=${registry.name}`);
      if (answer.status === 201) {
        expect(locationOf(answer)).toMatch(
          new RegExp(`/v2/${registry.otherName}/blobs/${digest}$`),
        );
        await expectStored(registry.otherName);
      } else {
        expect(answer.status).toBe(202);
        locationOf(answer);
      }
    });

    it('that does not exist begins an upload, which works', async () => {
      const answer = await mount(`mount=${digest}&from=${registry.name}`);
      expect(answer.status).toBe(202);
      const put = await registry.call(
        'PUT',
        withDigest(locationOf(answer), digest),
        { body: bytes },
      );
      expect(put.status).toBe(201);
      await expectStored(registry.otherName);
    });

    it('without a source is found by the registry, or an upload begins', async () => {
      await registry.pushBlob(bytes);
      const answer = await mount(`mount=${digest}`);
      const found = await registry.call(
        'HEAD',
        `${registry.otherName}/blobs/${digest}`,
      );
      expect([
        [201, 200],
        [202, 404],
      ]).toContainEqual([answer.status, found.status]);
    });
  });

  describe('a manifest', () => manifestPushCases(suite));
}
