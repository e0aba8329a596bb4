// Cases of a suite that is run once a registry, which may lack what the specification leaves open.
/* eslint-disable jest/no-export, jest/no-conditional-expect, jest/no-standalone-expect, jest/valid-describe-callback */
import { randomBytes } from 'node:crypto';
import {
  digestOf,
  errorCodes,
  INDEX,
  MANIFEST,
  type RegistryUnderTest,
} from './RegistryUnderTest';
import type { Suite } from './Suite';

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pull */
export function pullCases(suite: Suite): void {
  const bytes = randomBytes(1000);
  const digest = digestOf(bytes);
  const nowhere = digestOf(randomBytes(8));
  let registry: RegistryUnderTest;
  let blob: string;
  let manifest: Buffer;

  beforeAll(async () => {
    registry = suite.registry();
    blob = `${registry.name}/blobs/${digest}`;
    await registry.pushBlob(bytes);
    manifest = await registry.composeManifest();
    expect((await registry.putManifest('pulled', manifest)).status).toBe(201);
  });

  it('says at /v2/ that it speaks the API', async () => {
    expect((await registry.call('GET', '')).status).toBe(200);
  });

  describe('blobs', () => {
    it.each(['HEAD', 'GET'])(
      'that do not exist are not found by %s',
      async method => {
        const answer = await registry.call(
          method,
          `${registry.name}/blobs/${nowhere}`,
        );
        expect(answer.status).toBe(404);
        if (method === 'GET') {
          expect(errorCodes(answer)).toEqual(['BLOB_UNKNOWN']);
        }
      },
    );

    it('of a repository that does not exist are not found', async () => {
      const answer = await registry.call(
        'GET',
        `${registry.otherName}/blobs/${nowhere}`,
      );
      expect(answer.status).toBe(404);
    });

    it('are told of by HEAD with size and digest', async () => {
      const answer = await registry.call('HEAD', blob);
      expect({
        status: answer.status,
        size: answer.header('content-length'),
        digest: answer.header('docker-content-digest'),
      }).toEqual({ status: 200, size: '1000', digest });
    });

    it('are given by GET byte for byte', async () => {
      const answer = await registry.call('GET', blob);
      expect(answer.status).toBe(200);
      expect(answer.header('docker-content-digest')).toBe(digest);
      expect(answer.body.equals(bytes)).toBe(true);
    });

    it.each([
      { range: 'bytes=0-9', first: 0, end: 10 },
      { range: 'bytes=500-', first: 500, end: 1000 },
      { range: 'bytes=-10', first: 990, end: 1000 },
      { range: 'bytes=990-5000', first: 990, end: 1000 },
    ])('are given in part for $range', async ({ range, first, end }) => {
      const answer = await registry.call('GET', blob, { headers: { range } });
      expect(answer.status).toBe(206);
      expect(answer.header('content-range')).toBe(
        `bytes ${first}-${end - 1}/1000`,
      );
      expect(answer.body.equals(bytes.subarray(first, end))).toBe(true);
    });

    suite.itWith('range checks')('have no part beyond their end', async () => {
      const answer = await registry.call('GET', blob, {
        headers: { range: 'bytes=1000-1001' },
      });
      expect(answer.status).toBe(416);
    });
  });

  describe('manifests', () => {
    it.each(['HEAD', 'GET'])(
      'that do not exist are not found by %s, neither by tag nor by digest',
      async method => {
        for (const reference of ['no-such-tag', nowhere]) {
          const answer = await registry.getManifest(reference, method);
          expect(answer.status).toBe(404);
          if (method === 'GET') {
            expect(errorCodes(answer)).toEqual(['MANIFEST_UNKNOWN']);
          }
        }
      },
    );

    it.each(['tag', 'digest'])('are told of by HEAD by %s', async by => {
      const reference = by === 'tag' ? 'pulled' : digestOf(manifest);
      const answer = await registry.getManifest(reference, 'HEAD');
      expect({
        status: answer.status,
        size: answer.header('content-length'),
        digest: answer.header('docker-content-digest'),
        type: answer.header('content-type'),
        body: answer.body.length,
      }).toEqual({
        status: 200,
        size: String(manifest.length),
        digest: digestOf(manifest),
        type: MANIFEST,
        body: 0,
      });
    });

    it.each(['tag', 'digest'])(
      'are given by GET byte for byte by %s',
      async by => {
        const reference = by === 'tag' ? 'pulled' : digestOf(manifest);
        const answer = await registry.getManifest(reference);
        expect(answer.status).toBe(200);
        expect(answer.header('content-type')).toBe(MANIFEST);
        expect(answer.header('docker-content-digest')).toBe(digestOf(manifest));
        expect(answer.body.equals(manifest)).toBe(true);
      },
    );

    it.each([MANIFEST, `${INDEX}, ${MANIFEST}`])(
      'are given to a client that accepts %s',
      async accept => {
        const answer = await registry.call(
          'GET',
          `${registry.name}/manifests/pulled`,
          { headers: { accept } },
        );
        expect([answer.status, answer.header('content-type')]).toEqual([
          200,
          MANIFEST,
        ]);
      },
    );
  });

  it('refuses with a JSON document that names the error', async () => {
    const answer = await registry.putManifest(
      'broken',
      Buffer.from('this is no manifest'),
    );
    expect(answer.status).toBe(400);
    expect(errorCodes(answer)).toEqual(['MANIFEST_INVALID']);
  });
}
