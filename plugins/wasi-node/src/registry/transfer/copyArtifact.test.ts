import {
  digestOf,
  type Exchange,
  type Interception,
  type ScriptedRegistry,
} from '../__fixtures__/scriptedRegistry';
import { requests, useRegistries } from '../__fixtures__/useRegistries';

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

describe('a copy', () => {
  const { module, start, push, clientOf } = useRegistries();

  const copy = (
    from: string,
    to: string,
    hosts: Parameters<typeof clientOf>[0],
    options: { referrers?: boolean; maxBytes?: number } = {},
  ) =>
    clientOf(hosts).copy({
      from,
      to,
      referrers: false,
      maxBytes: 10_000_000,
      ...options,
    });

  it('goes from one registry to another byte for byte, and sends nothing the second time', async () => {
    const source = await start();
    const target = await start();
    const { digest } = await push(source);
    const hosts = [{ host: source.host }, { host: target.host }];
    const again = () =>
      copy(
        `${source.host}/team/hello:1.0`,
        `${target.host}/other/copy:2.0`,
        hosts,
      );

    const { bytes } = source.manifests.get('1.0')!;
    const config = source.blobs.get(
      JSON.parse(bytes.toString()).config.digest,
    )!;
    const copied = {
      image: `${target.host}/other/copy@${digest}`,
      digest,
      manifests: 1,
      referrers: 0,
    };
    await expect(again()).resolves.toEqual({
      ...copied,
      copiedBytes: module.bytes.length + config.length + bytes.length,
    });
    expect(target.manifests.get('2.0')!.bytes.equals(bytes)).toBe(true);
    expect(target.blobs.get(digestOf(module.bytes))!.equals(module.bytes)).toBe(
      true,
    );
    await expect(again()).resolves.toEqual({ ...copied, copiedBytes: 0 });
  });

  it('takes an index with everything that it names', async () => {
    const source = await start();
    const target = await start();
    await push(source, { format: 'index' });
    const index = source.manifests.get('1.0')!.bytes;
    const hosts = [{ host: source.host }, { host: target.host }];
    await expect(
      copy(
        `${source.host}/team/hello:1.0`,
        `${target.host}/team/hello:1.0`,
        hosts,
      ),
    ).resolves.toMatchObject({ digest: digestOf(index), manifests: 3 });
    expect([...target.manifests.keys()].sort()).toEqual(
      [...source.manifests.keys()].sort(),
    );
    expect([...target.blobs.keys()].sort()).toEqual(
      [...source.blobs.keys()].sort(),
    );
  });

  describe('within a registry', () => {
    /** Blobs of the scripted registry are in all of its repositories; here they are not. */
    const apart =
      (mount: (exchange: Exchange) => void): Interception =>
      exchange => {
        const { method, url, response } = exchange;
        if (!url.pathname.startsWith('/v2/other/')) {
          return false;
        }
        if (method === 'HEAD') {
          response.writeHead(404).end();
          return true;
        }
        if (method === 'POST' && url.searchParams.has('mount')) {
          mount(exchange);
          return true;
        }
        return false;
      };
    const within = (registry: ScriptedRegistry) =>
      copy(
        `${registry.host}/team/hello:1.0`,
        `${registry.host}/other/hello:1.0`,
        registry.host,
      );
    const uploads = (registry: ScriptedRegistry) =>
      requests(registry).filter(
        line => line.startsWith('PUT') && line.includes('/blobs/'),
      );

    it('mounts, and sends no blob', async () => {
      const registry = await start(
        apart(({ response }) => response.writeHead(201).end()),
      );
      await push(registry);
      registry.seen.length = 0;
      const copied = await within(registry);
      expect(copied.copiedBytes).toBe(
        registry.manifests.get('1.0')!.bytes.length,
      );
      expect(uploads(registry)).toEqual([]);
      expect(
        registry.seen
          .filter(({ path }) => path.includes('mount='))
          .map(({ path }) =>
            new URLSearchParams(path.split('?')[1]).get('from'),
          ),
      ).toEqual(['team/hello', 'team/hello']);
    });

    it.each([
      ['only begins an upload', 202, 2],
      ['does not know how to mount', 405, 0],
      ['does not let this account mount', 403, 0],
    ])(
      'sends the blobs where the registry %s',
      async (_, status, cancelled) => {
        const registry = await start(
          apart(({ response }) =>
            response
              .writeHead(status, {
                location: '/v2/other/hello/blobs/uploads/1',
              })
              .end(),
          ),
        );
        await push(registry);
        registry.seen.length = 0;
        await within(registry);
        expect(uploads(registry)).toHaveLength(2);
        expect(
          requests(registry).filter(line => line.startsWith('DELETE')),
        ).toHaveLength(cancelled);
      },
    );
  });

  it('shows no registry the account of the other', async () => {
    const basic = (name: string) => ({ username: name, password: 'secret' });
    const ask: Interception = ({ request, response }) => {
      if (request.headers.authorization) {
        return false;
      }
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      return true;
    };
    const source = await start(ask);
    const target = await start(ask);
    await push(source, { account: basic('reader') });
    source.seen.length = 0;
    await copy(
      `${source.host}/team/hello:1.0`,
      `${target.host}/team/hello:1.0`,
      [
        { host: source.host, ...basic('reader') },
        { host: target.host, ...basic('writer') },
      ],
    );
    const accounts = ({ seen }: ScriptedRegistry) =>
      [...new Set(seen.map(({ authorization }) => authorization))]
        .filter(header => header !== undefined)
        .map(header => Buffer.from(header.slice(6), 'base64').toString());
    expect(accounts(source)).toEqual(['reader:secret']);
    expect(accounts(target)).toEqual(['writer:secret']);
  });

  it('lends nobody the account of the portal to read an image that is not public', async () => {
    const account = { username: 'me', password: 'secret' };
    const source = await start(({ request, response }) => {
      if (request.headers.authorization) {
        return false;
      }
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      return true;
    });
    const target = await start();
    const { image } = await push(source, { account });
    const client = clientOf([
      { host: source.host, ...account },
      { host: target.host },
    ]);
    const copyFrom = (from: string | { image: string }) =>
      client.copy({
        from,
        to: `${target.host}/team/hello:1.0`,
        referrers: false,
        maxBytes: 10_000_000,
      });
    await expect(copyFrom({ image })).rejects.toMatchObject({
      code: 'REGISTRY_UNAUTHENTICATED',
    });
    expect(target.seen).toEqual([]);
    await expect(copyFrom(image)).resolves.toMatchObject({ manifests: 1 });
  });

  it('stores nothing of a registry that gives other bytes', async () => {
    const source = await start(({ method, url, response }) => {
      if (method !== 'GET' || !url.pathname.endsWith(digestOf(module.bytes))) {
        return false;
      }
      response.end(Buffer.alloc(module.bytes.length));
      return true;
    });
    const target = await start();
    await push(source);
    await expect(
      copy(`${source.host}/team/hello:1.0`, `${target.host}/team/hello:1.0`, [
        { host: source.host },
        { host: target.host },
      ]),
    ).rejects.toMatchObject({ code: 'REGISTRY_DIGEST_MISMATCH' });
    expect(target.manifests.size).toBe(0);
    expect(target.blobs.has(digestOf(module.bytes))).toBe(false);
  });

  it('refuses more bytes than allowed before they are sent', async () => {
    const source = await start();
    const target = await start();
    await push(source);
    await expect(
      copy(
        `${source.host}/team/hello:1.0`,
        `${target.host}/team/hello:1.0`,
        [{ host: source.host }, { host: target.host }],
        { maxBytes: 1000 },
      ),
    ).rejects.toMatchObject({ code: 'REGISTRY_TOO_LARGE' });
    expect(target.blobs.has(digestOf(module.bytes))).toBe(false);
  });

  it('does not follow indexes of indexes for ever', async () => {
    const registry = await start();
    let inner = {
      mediaType: OCI_MANIFEST,
      digest: digestOf(Buffer.from('x')),
      size: 1,
    };
    for (let depth = 0; depth < 6; depth++) {
      const bytes = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: OCI_INDEX,
          manifests: [inner],
        }),
      );
      inner = {
        mediaType: OCI_INDEX,
        digest: digestOf(bytes),
        size: bytes.length,
      };
      registry.manifests.set(inner.digest, { bytes, contentType: OCI_INDEX });
      registry.manifests.set('1.0', { bytes, contentType: OCI_INDEX });
    }
    const target = await start();
    await expect(
      copy(`${registry.host}/a/b:1.0`, `${target.host}/a/b:1.0`, [
        { host: registry.host },
        { host: target.host },
      ]),
    ).rejects.toMatchObject({
      code: 'REGISTRY_TOO_LARGE',
      message: expect.stringContaining('or deeper than 3'),
    });
    expect(target.manifests.size).toBe(0);
  });

  it('takes along what is attached, and not what only claims to be', async () => {
    const source = await start();
    const { digest } = await push(source);
    const attach = (subject: string, artifactType: string) => {
      const bytes = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: OCI_MANIFEST,
          artifactType,
          config: {
            mediaType: 'application/vnd.oci.empty.v1+json',
            digest: digestOf(Buffer.from('{}')),
            size: 2,
          },
          layers: [],
          subject: { mediaType: OCI_MANIFEST, digest: subject, size: 1 },
        }),
      );
      source.manifests.set(digestOf(bytes), {
        bytes,
        contentType: OCI_MANIFEST,
      });
      return {
        mediaType: OCI_MANIFEST,
        digest: digestOf(bytes),
        size: bytes.length,
        artifactType,
      };
    };
    source.blobs.set(digestOf(Buffer.from('{}')), Buffer.from('{}'));
    const list = (subject: string, ...manifests: object[]) =>
      source.manifests.set(subject.replace(':', '-'), {
        contentType: OCI_INDEX,
        bytes: Buffer.from(
          JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }),
        ),
      });
    const sbom = attach(digest, 'application/vnd.cyclonedx+json');
    const signature = attach(
      sbom.digest,
      'application/vnd.dev.sigstore.bundle.v0.3+json',
    );
    const foreign = attach(`sha256:${'9'.repeat(64)}`, 'text/plain');
    list(digest, sbom, foreign);
    list(sbom.digest, signature);

    const target = await start();
    const hosts = [{ host: source.host }, { host: target.host }];
    const from = `${source.host}/team/hello:1.0`;
    await expect(
      copy(from, `${target.host}/a/b:1.0`, hosts),
    ).resolves.toMatchObject({ referrers: 0 });
    await expect(
      copy(from, `${target.host}/a/b:1.0`, hosts, { referrers: true }),
    ).resolves.toMatchObject({ referrers: 2 });
    expect(target.manifests.has(foreign.digest)).toBe(false);
    const listed = (subject: string) =>
      JSON.parse(
        target.manifests.get(subject.replace(':', '-'))!.bytes.toString(),
      ).manifests.map((entry: { digest: string }) => entry.digest);
    expect(listed(digest)).toEqual([sbom.digest]);
    expect(listed(sbom.digest)).toEqual([signature.digest]);
  });

  it('refuses a digest in the place of a tag', async () => {
    const registry = await start();
    await expect(
      copy(
        `${registry.host}/a/b:1.0`,
        `${registry.host}/a/c@sha256:${'0'.repeat(64)}`,
        registry.host,
      ),
    ).rejects.toMatchObject({ code: 'IMAGE_REFERENCE_INVALID' });
    expect(registry.seen).toEqual([]);
  });
});

describe('deleting', () => {
  const { start, push, clientOf } = useRegistries();
  const DIGEST = `sha256:${'1'.repeat(64)}`;

  it('refuses a tag, which other tags may stand beside', async () => {
    const registry = await start();
    await push(registry);
    registry.seen.length = 0;
    await expect(
      clientOf(registry.host).delete(`${registry.host}/team/hello:1.0`),
    ).rejects.toMatchObject({
      code: 'IMAGE_REFERENCE_INVALID',
      remedy: 'Name what is to be deleted by its digest.',
    });
    expect(registry.seen).toEqual([]);
  });

  it.each([
    [405, 'REGISTRY_FORBIDDEN', 'does not delete'],
    [404, 'REGISTRY_NOT_FOUND', `has no ${DIGEST} in team/hello`],
    [403, 'REGISTRY_FORBIDDEN', 'does not let this account delete from'],
  ])(
    'says what a registry means that answers %s',
    async (status, code, words) => {
      const registry = await start(({ method, response }) => {
        if (method !== 'DELETE') {
          return false;
        }
        response.writeHead(status).end();
        return true;
      });
      await expect(
        clientOf(registry.host).delete(`${registry.host}/team/hello@${DIGEST}`),
      ).rejects.toMatchObject({
        code,
        message: expect.stringContaining(words),
      });
    },
  );
});
