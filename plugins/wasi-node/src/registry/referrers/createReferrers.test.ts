import { configWith } from '../__fixtures__/modules';
import {
  startScriptedRegistry,
  type Interception,
  type ScriptedRegistry,
} from '../__fixtures__/scriptedRegistry';
import { createReferrers } from './createReferrers';
import { referrersApi, sha256, storeImage } from './__fixtures__/referrersApi';

const sbom = {
  artifactType: 'application/vnd.cyclonedx+json',
  bytes: Buffer.from('{"bomFormat":"CycloneDX"}'),
  title: 'sbom.cdx.json',
};
const signature = {
  artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  bytes: Buffer.from('{"mediaType":"bundle"}'),
  annotations: { 'dev.sigstore.bundle.content': 'dsse-envelope' },
};

describe('createReferrers', () => {
  let registry: ScriptedRegistry;
  let intercept: Interception = () => false;

  beforeEach(async () => {
    intercept = () => false;
    registry = await startScriptedRegistry(exchange => intercept(exchange));
  });

  afterEach(() => registry.close());

  const client = () =>
    createReferrers(configWith([{ host: registry.host }]), {
      pause: async () => {},
    });

  const withApi = (options?: Parameters<typeof referrersApi>[1]) => {
    intercept = referrersApi(() => registry, options);
  };

  const paths = (method: string) =>
    registry.seen
      .filter(request => request.method === method)
      .map(({ path }) => path);

  describe.each([
    { kind: 'a registry with the referrers API', api: true },
    { kind: 'a registry without it', api: false },
  ])('with $kind', ({ api }) => {
    beforeEach(() => {
      if (api) {
        withApi();
      }
    });

    it('attaches, lists and fetches', async () => {
      const { image, digest, size } = storeImage(registry);
      const { digests, attached } = await client().attach(image, [
        sbom,
        signature,
      ]);
      expect(attached).toBe(2);
      const manifest = JSON.parse(
        registry.manifests.get(digests[0])!.bytes.toString(),
      );
      expect(manifest).toEqual({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        artifactType: sbom.artifactType,
        config: {
          mediaType: 'application/vnd.oci.empty.v1+json',
          digest: sha256('{}'),
          size: 2,
          data: 'e30=',
        },
        layers: [
          {
            mediaType: sbom.artifactType,
            digest: sha256(sbom.bytes),
            size: sbom.bytes.length,
            annotations: { 'org.opencontainers.image.title': 'sbom.cdx.json' },
          },
        ],
        subject: {
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          digest,
          size,
        },
        annotations: {},
      });
      expect(registry.blobs.get(sha256('{}'))?.toString()).toBe('{}');

      const { referrers, complete } = await client().list(image);
      expect(complete).toBe(true);
      expect(new Set(referrers.map(row => row.digest))).toEqual(
        new Set(digests),
      );
      await expect(
        client().list(image, { artifactType: signature.artifactType }),
      ).resolves.toEqual({
        complete: true,
        referrers: [
          {
            digest: digests[1],
            size: registry.manifests.get(digests[1])!.bytes.length,
            artifactType: signature.artifactType,
            annotations: signature.annotations,
          },
        ],
      });
      await expect(
        client().fetch(image, digests[1], { maxBytes: 1000 }),
      ).resolves.toEqual({
        artifactType: signature.artifactType,
        bytes: signature.bytes,
        annotations: signature.annotations,
      });
    });

    it('attaches nothing that is attached already', async () => {
      const { image } = storeImage(registry);
      const first = await client().attach(image, [sbom, signature]);
      registry.seen.length = 0;
      await expect(client().attach(image, [sbom, signature])).resolves.toEqual({
        digests: first.digests,
        attached: 0,
      });
      expect(paths('PUT')).toEqual([]);
      expect(paths('POST')).toEqual([]);
    });

    it('says that nothing is attached to a new image', async () => {
      const { image } = storeImage(registry);
      await expect(client().list(image)).resolves.toEqual({
        referrers: [],
        complete: true,
      });
    });

    it('attaches to nothing that the registry does not have', async () => {
      const image = `${registry.host}/team/hello@${sha256('nothing')}`;
      await expect(client().attach(image, [sbom])).rejects.toMatchObject({
        code: 'REGISTRY_NOT_FOUND',
      });
      expect(paths('PUT')).toEqual([]);
    });
  });

  it('writes no fallback tag where the registry lists by itself', async () => {
    withApi();
    const { image } = storeImage(registry);
    await client().attach(image, [sbom]);
    expect(paths('PUT').filter(path => path.includes('/sha256-'))).toEqual([]);
  });

  it('writes the fallback tag where a registry says that it lists, and does not', async () => {
    intercept = ({ method, response, url }) => {
      if (method === 'PUT' && url.pathname.includes('/manifests/')) {
        response.setHeader('oci-subject', 'sha256:as-it-was');
      }
    };
    const { image, digest } = storeImage(registry);
    const { digests } = await client().attach(image, [sbom]);
    expect(
      JSON.parse(
        registry.manifests.get(digest.replace(':', '-'))!.bytes.toString(),
      ),
    ).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [
        {
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          digest: digests[0],
          size: registry.manifests.get(digests[0])!.bytes.length,
          artifactType: sbom.artifactType,
          annotations: {},
        },
      ],
    });
  });

  it('keeps what others put into the fallback tag, also what it cannot read', async () => {
    const { image, digest } = storeImage(registry);
    const tag = digest.replace(':', '-');
    const foreign = [
      { digest: 'sha512:strange', more: [1] },
      { mediaType: 'x/y', digest: sha256('other'), size: 5 },
    ];
    registry.manifests.set(tag, {
      contentType: 'application/vnd.oci.image.index.v1+json',
      bytes: Buffer.from(
        JSON.stringify({ schemaVersion: 2, manifests: foreign }),
      ),
    });
    await client().attach(image, [sbom]);
    const { manifests } = JSON.parse(
      registry.manifests.get(tag)!.bytes.toString(),
    );
    expect(manifests.slice(0, 2)).toEqual(foreign);
    expect(manifests).toHaveLength(3);
    await expect(client().list(image)).resolves.toMatchObject({
      referrers: [{ digest: sha256('other') }, { digest: manifests[2].digest }],
    });
  });

  it('does not overwrite a fallback tag that is something else', async () => {
    const { image, digest } = storeImage(registry);
    const tag = digest.replace(':', '-');
    const bytes = Buffer.from('{"schemaVersion":2,"layers":[]}');
    const contentType = 'application/vnd.oci.image.manifest.v1+json';
    registry.manifests.set(tag, { bytes, contentType });
    await expect(client().attach(image, [sbom])).rejects.toMatchObject({
      code: 'REGISTRY_UNEXPECTED',
      message: expect.stringContaining('is not a list of what is attached'),
    });
    expect(registry.manifests.get(tag)!.bytes).toBe(bytes);
  });

  it('loses none of those that are attached at once in one process', async () => {
    const { image } = storeImage(registry);
    const contents = Array.from({ length: 8 }, (_, index) => ({
      ...sbom,
      bytes: Buffer.from(`{"serial":${index}}`),
    }));
    await Promise.all(
      contents.map(content => client().attach(image, [content])),
    );
    const { referrers } = await client().list(image);
    expect(referrers).toHaveLength(8);
  });

  it('merges anew when somebody wrote the fallback tag in between', async () => {
    const { image, digest } = storeImage(registry);
    const tag = digest.replace(':', '-');
    const other = { mediaType: 'x/y', digest: sha256('other'), size: 5 };
    let puts = 0;
    const conditions: (string | undefined)[] = [];
    intercept = async ({ method, url, request, response }) => {
      if (!url.pathname.endsWith(tag)) {
        return false;
      }
      if (method === 'GET' && registry.manifests.has(tag)) {
        response.setHeader('etag', '"2"');
        return false;
      }
      if (method === 'PUT' && puts++ === 0) {
        for await (const _ of request) {
          // The body is thrown away, as by a registry that refuses it.
        }
        registry.manifests.set(tag, {
          contentType: 'application/vnd.oci.image.index.v1+json',
          bytes: Buffer.from(
            JSON.stringify({ schemaVersion: 2, manifests: [other] }),
          ),
        });
        response.writeHead(412).end();
        return true;
      }
      if (method === 'PUT') {
        conditions.push(request.headers['if-match']);
      }
      return false;
    };
    const { digests } = await client().attach(image, [sbom]);
    expect(conditions).toEqual(['"2"']);
    const { referrers } = await client().list(image);
    expect(referrers.map(row => row.digest)).toEqual([
      other.digest,
      digests[0],
    ]);
  });

  it('reads page after page', async () => {
    withApi({ pageSize: 2 });
    const { image } = storeImage(registry);
    const contents = Array.from({ length: 7 }, (_, index) => ({
      ...sbom,
      bytes: Buffer.from(`{"serial":${index}}`),
    }));
    await client().attach(image, contents);
    const { referrers, complete } = await client().list(image);
    expect(referrers).toHaveLength(7);
    expect(complete).toBe(true);
  });

  it('filters by itself where the registry does not', async () => {
    withApi({ filters: false });
    const { image } = storeImage(registry);
    const { digests } = await client().attach(image, [sbom, signature]);
    const { referrers } = await client().list(image, {
      artifactType: sbom.artifactType,
    });
    expect(referrers.map(row => row.digest)).toEqual([digests[0]]);
  });

  it.each([
    { what: 'pages without end', link: (page: number) => `?page=${page}` },
    { what: 'a page that follows itself', link: () => '?page=1' },
  ])('stops at $what and says that there is more', async ({ link }) => {
    let page = 0;
    intercept = ({ url, response }) => {
      if (!url.pathname.includes('/referrers/')) {
        return false;
      }
      page += 1;
      response.writeHead(200, {
        'content-type': 'application/vnd.oci.image.index.v1+json',
        link: `<${link(page)}>; rel="next"`,
      });
      response.end('{"schemaVersion":2,"manifests":[]}');
      return true;
    };
    const { image } = storeImage(registry);
    await expect(client().list(image)).resolves.toEqual({
      referrers: [],
      complete: false,
    });
    expect(page).toBeLessThan(30);
  });

  it('reads a bounded part of a long list', async () => {
    intercept = ({ url, response }) => {
      if (!url.pathname.includes('/referrers/')) {
        return false;
      }
      response.writeHead(200, {
        'content-type': 'application/vnd.oci.image.index.v1+json',
      });
      response.end(
        JSON.stringify({
          schemaVersion: 2,
          manifests: Array.from({ length: 30_000 }, (_, index) => ({
            digest: sha256(String(index)),
            size: 1,
          })),
        }),
      );
      return true;
    };
    const { image } = storeImage(registry);
    const { referrers, complete } = await client().list(image);
    expect(referrers).toHaveLength(1000);
    expect(complete).toBe(false);
  });

  it('refuses a list of more than 4 MiB', async () => {
    intercept = ({ url, response }) => {
      if (!url.pathname.includes('/referrers/')) {
        return false;
      }
      response.writeHead(200, {
        'content-type': 'application/vnd.oci.image.index.v1+json',
      });
      response.end(Buffer.alloc(5 * 1024 * 1024, ' '));
      return true;
    };
    const { image } = storeImage(registry);
    await expect(client().list(image)).rejects.toMatchObject({
      code: 'REGISTRY_UNEXPECTED',
    });
  });

  it('does not take for attached what is attached to another image', async () => {
    const mine = storeImage(registry, 'team/hello');
    const other = storeImage(registry, 'team/other');
    const { digests } = await client().attach(other.image, [sbom]);
    await expect(
      client().fetch(mine.image, digests[0], { maxBytes: 1000 }),
    ).rejects.toMatchObject({
      code: 'REGISTRY_UNEXPECTED',
      message: expect.stringContaining('attached to another image'),
    });
  });

  it('fetches no more than it is told to', async () => {
    const { image } = storeImage(registry);
    const { digests } = await client().attach(image, [sbom]);
    registry.seen.length = 0;
    await expect(
      client().fetch(image, digests[0], { maxBytes: 10 }),
    ).rejects.toMatchObject({ code: 'REGISTRY_UNEXPECTED' });
    expect(paths('GET').filter(path => path.includes('/blobs/'))).toEqual([]);
  });

  it('refuses other bytes than the manifest names', async () => {
    const { image } = storeImage(registry);
    const { digests } = await client().attach(image, [sbom]);
    registry.blobs.set(
      sha256(sbom.bytes),
      Buffer.alloc(sbom.bytes.length, 'x'),
    );
    await expect(
      client().fetch(image, digests[0], { maxBytes: 1000 }),
    ).rejects.toMatchObject({ code: 'REGISTRY_DIGEST_MISMATCH' });
  });

  it('refuses to attach to a tag, which may name another image tomorrow', async () => {
    await expect(
      client().attach(`${registry.host}/team/hello:1.0`, [sbom]),
    ).rejects.toMatchObject({ code: 'IMAGE_REFERENCE_INVALID' });
    expect(registry.seen).toEqual([]);
  });

  it('speaks to no registry that the configuration does not list', async () => {
    await expect(
      client().list(`registry.example/team/hello@${sha256('x')}`),
    ).rejects.toMatchObject({ code: 'REGISTRY_NOT_ALLOWED' });
  });
});
