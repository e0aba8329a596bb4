// Cases of a suite that is run once a registry, which may lack what the specification leaves open.
/* eslint-disable jest/no-export, jest/no-conditional-expect, jest/no-standalone-expect, jest/valid-describe-callback */
import { randomBytes } from 'node:crypto';
import {
  digestOf,
  document,
  EMPTY,
  errorCodes,
  INDEX,
  MANIFEST,
  type RegistryUnderTest,
  type Descriptor,
} from './RegistryUnderTest';
import type { Suite } from './Suite';

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#content-discovery */
export function discoveryCases(suite: Suite): void {
  let registry: RegistryUnderTest;

  describe('tags', () => {
    // In an order that is not theirs.
    const tags = ['test2', 'test0', 'test3', 'test1'];

    beforeAll(async () => {
      registry = suite.registry().another();
      const bytes = await registry.composeManifest();
      for (const tag of tags) {
        await registry.putManifest(tag, bytes);
      }
    });

    const list = (query = '') =>
      registry.call('GET', `${registry.name}/tags/list${query}`);

    suite.itWith('tag order')('are listed in order', async () => {
      const answer = await list();
      expect(answer.status).toBe(200);
      expect(answer.json()).toEqual({
        name: registry.name,
        tags: [...tags].sort(),
      });
    });

    suite.itWith('tag order')(
      'are limited by n, and the Link leads to the rest',
      async () => {
        const first = await list('?n=3');
        expect(first.json().tags).toEqual(['test0', 'test1', 'test2']);
        const next = /^<([^>]+)>; ?rel="?next"?$/.exec(
          first.header('link') ?? '',
        );
        const rest = await registry.call('GET', next![1]);
        expect(rest.json().tags).toEqual(['test3']);
        expect(rest.header('link')).toBeUndefined();
      },
    );

    suite.itWith('tag order')('begin after last', async () => {
      expect((await list('?n=2&last=test0')).json().tags).toEqual([
        'test1',
        'test2',
      ]);
      expect((await list('?last=test3')).json().tags ?? []).toEqual([]);
    });

    suite.itWith('tag order')('are none for n=0', async () => {
      const answer = await list('?n=0');
      expect(answer.json().tags ?? []).toEqual([]);
      expect(answer.header('link')).toBeUndefined();
    });

    it('of a repository that does not exist are not found', async () => {
      const answer = await registry.call(
        'GET',
        `${registry.otherName}/tags/list`,
      );
      expect(answer.status).toBe(404);
      expect(errorCodes(answer)).toEqual(['NAME_UNKNOWN']);
    });
  });

  describe('referrers', () => {
    const itHere = suite.itWith('referrers');
    let subject: Buffer;
    let byArtifactType: Buffer;
    let byConfigType: Buffer;
    let index: Buffer;
    const missing = digestOf(randomBytes(8));
    let dangling: Buffer;

    beforeAll(async () => {
      registry = suite.registry().another();
      subject = await registry.composeManifest();
      await registry.putManifest('subject', subject);
      const descriptor = {
        mediaType: MANIFEST,
        digest: digestOf(subject),
        size: subject.length,
      };
      byArtifactType = await registry.composeArtifact({
        artifactType: 'application/vnd.example.signature',
        annotations: { 'com.example.made': 'by a test' },
        subject: descriptor,
      });
      const config = randomBytes(16);
      byConfigType = await registry.composeArtifact({
        config: {
          mediaType: 'application/vnd.example.config',
          digest: await registry.pushBlob(config),
          size: config.length,
        },
        subject: descriptor,
      });
      index = document({
        mediaType: INDEX,
        artifactType: 'application/vnd.example.index',
        manifests: [],
        subject: descriptor,
      });
      dangling = await registry.composeArtifact({
        artifactType: 'application/vnd.example.signature',
        subject: { mediaType: MANIFEST, digest: missing, size: 8 },
      });
      for (const bytes of [byArtifactType, byConfigType, dangling]) {
        await registry.putManifest(digestOf(bytes), bytes);
      }
      await registry.putManifest(digestOf(index), index, INDEX);
    });

    async function list(digest: string, query = '') {
      const answer = await registry.call(
        'GET',
        `${registry.name}/referrers/${digest}${query}`,
      );
      expect(answer.status).toBe(200);
      expect(answer.header('content-type')).toBe(INDEX);
      const found = answer.json();
      expect([found.schemaVersion, found.mediaType]).toEqual([2, INDEX]);
      return {
        filters: answer.header('oci-filters-applied'),
        manifests: (found.manifests as Descriptor[]).sort((a, b) =>
          a.digest.localeCompare(b.digest),
        ),
      };
    }

    const sorted = (...descriptors: Descriptor[]) =>
      descriptors.sort((a, b) => a.digest.localeCompare(b.digest));

    const describeOf = (
      bytes: Buffer,
      artifactType: string,
      more: Partial<Descriptor> = {},
    ): Descriptor => ({
      mediaType: MANIFEST,
      digest: digestOf(bytes),
      size: bytes.length,
      artifactType,
      ...more,
    });

    itHere('of what nobody refers to are an empty index', async () => {
      expect(await list(digestOf(randomBytes(8)))).toEqual({
        filters: undefined,
        manifests: [],
      });
    });

    itHere(
      'of a manifest are all of them, with type and annotations',
      async () => {
        expect(await list(digestOf(subject))).toEqual({
          filters: undefined,
          manifests: sorted(
            describeOf(byArtifactType, 'application/vnd.example.signature', {
              annotations: { 'com.example.made': 'by a test' },
            }),
            describeOf(byConfigType, 'application/vnd.example.config'),
            describeOf(index, 'application/vnd.example.index', {
              mediaType: INDEX,
            }),
          ),
        });
      },
    );

    itHere('are filtered by type where the answer says so', async () => {
      const { filters, manifests } = await list(
        digestOf(subject),
        '?artifactType=application/vnd.example.config',
      );
      if (filters === undefined) {
        expect(manifests).toHaveLength(3);
      } else {
        expect({ filters, manifests }).toEqual({
          filters: 'artifactType',
          manifests: [
            describeOf(byConfigType, 'application/vnd.example.config'),
          ],
        });
      }
    });

    itHere('of a manifest that is not there are listed', async () => {
      expect(await list(missing)).toEqual({
        filters: undefined,
        manifests: [describeOf(dangling, 'application/vnd.example.signature')],
      });
    });

    itHere('of no digest are an error', async () => {
      const answer = await registry.call(
        'GET',
        `${registry.name}/referrers/nonsense`,
      );
      expect(answer.status).toBe(400);
    });

    itHere('no longer name what was deleted', async () => {
      const digest = digestOf(randomBytes(8));
      const bytes = await registry.composeArtifact({
        artifactType: EMPTY,
        subject: { mediaType: MANIFEST, digest, size: 8 },
      });
      await registry.putManifest(digestOf(bytes), bytes);
      expect((await list(digest)).manifests).toHaveLength(1);
      await registry.call(
        'DELETE',
        `${registry.name}/manifests/${digestOf(bytes)}`,
      );
      expect((await list(digest)).manifests).toEqual([]);
    });
  });
}
