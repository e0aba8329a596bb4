import { digestOf } from './__fixtures__/scriptedRegistry';
import { useRegistries } from './__fixtures__/useRegistries';

describe('createModuleRegistry', () => {
  const { module, start, clientOf, push } = useRegistries();

  describe('reading a manifest', () => {
    it('asks for all kinds of manifests', async () => {
      const registry = await start();
      await push(registry);
      await clientOf(registry.host).describe(`${registry.host}/team/hello:1.0`);
      expect(registry.seen.at(-1)?.accept?.split(', ')).toEqual([
        'application/vnd.oci.image.manifest.v1+json',
        'application/vnd.oci.image.index.v1+json',
        'application/vnd.docker.distribution.manifest.v2+json',
        'application/vnd.docker.distribution.manifest.list.v2+json',
      ]);
    });

    it('flags an index', async () => {
      const registry = await start();
      const bytes = Buffer.from('{"schemaVersion":2,"manifests":[]}');
      const contentType = 'application/vnd.oci.image.index.v1+json';
      registry.manifests.set('latest', { bytes, contentType });
      await expect(
        clientOf(registry.host).describe(`${registry.host}/a/b`),
      ).resolves.toEqual({
        image: `${registry.host}/a/b@${digestOf(bytes)}`,
        digest: digestOf(bytes),
        mediaType: contentType,
        index: true,
        entries: [],
        layers: [],
        annotations: {},
      });
    });

    it('reads what wasm-to-oci wrote, which has no mediaType', async () => {
      const registry = await start();
      const contentType = 'application/vnd.oci.image.manifest.v1+json';
      const layer = {
        mediaType: 'application/vnd.wasm.content.layer.v1+wasm',
        digest: digestOf(module.bytes),
        size: module.bytes.length,
      };
      registry.manifests.set('v1', {
        contentType: `${contentType}; charset=utf-8`,
        bytes: Buffer.from(
          JSON.stringify({
            schemaVersion: 2,
            config: {
              mediaType: 'application/vnd.wasm.config.v1+json',
              digest: digestOf(Buffer.from('{}')),
              size: 2,
            },
            layers: [layer],
          }),
        ),
      });
      await expect(
        clientOf(registry.host).describe(`${registry.host}/a/b:v1`),
      ).resolves.toMatchObject({
        mediaType: contentType,
        index: false,
        configMediaType: 'application/vnd.wasm.config.v1+json',
        layers: [{ ...layer, annotations: {} }],
      });
    });

    it.each([
      {
        why: 'other bytes than the digest says',
        body: '{"schemaVersion":2}',
        headers: {},
        reference: `@sha256:${'1'.repeat(64)}`,
        code: 'REGISTRY_DIGEST_MISMATCH',
      },
      {
        why: 'other bytes than its own header says',
        body: '{"schemaVersion":2}',
        headers: { 'docker-content-digest': `sha256:${'1'.repeat(64)}` },
        reference: ':v1',
        code: 'REGISTRY_DIGEST_MISMATCH',
      },
      {
        why: 'what is no JSON',
        body: '<html>',
        headers: {},
        reference: ':v1',
        code: 'REGISTRY_UNEXPECTED',
      },
      {
        why: 'a layer with a path for a digest',
        body: '{"schemaVersion":2,"layers":[{"mediaType":"a","digest":"sha256:../../x","size":1}]}',
        headers: {},
        reference: ':v1',
        code: 'REGISTRY_UNEXPECTED',
      },
      {
        why: 'a manifest of more than 4 MiB',
        body: ' '.repeat(4 * 1024 * 1024 + 1),
        headers: {},
        reference: ':v1',
        code: 'REGISTRY_UNEXPECTED',
      },
    ])('refuses $why', async ({ body, headers, reference, code }) => {
      const registry = await start(({ response }) => {
        response.writeHead(200, headers).end(body);
        return true;
      });
      await expect(
        clientOf(registry.host).describe(`${registry.host}/a/b${reference}`),
      ).rejects.toMatchObject({ code });
    });

    it('says what is not there', async () => {
      const registry = await start();
      await expect(
        clientOf(registry.host).describe(`${registry.host}/a/b:v9`),
      ).rejects.toMatchObject({
        code: 'REGISTRY_NOT_FOUND',
        message: `Registry ${registry.host} has nothing to read at ${registry.host}/a/b:v9`,
      });
    });
  });

  describe('canPullAnonymously', () => {
    it('asks without the configured account', async () => {
      const registry = await start(({ request, response }) => {
        if (request.headers.authorization) {
          return false;
        }
        response
          .writeHead(401, { 'www-authenticate': 'Basic realm="test"' })
          .end();
        return true;
      });
      const account = { username: 'me', password: 'secret' };
      const { image } = await push(registry, { account });
      await expect(
        clientOf([{ host: registry.host, ...account }]).canPullAnonymously(
          image,
        ),
      ).resolves.toBe(false);
    });

    it.each([
      { status: 403, answer: false },
      { status: 404, answer: false },
      { status: 200, answer: true },
    ])('says $answer after $status', async ({ status, answer }) => {
      const registry = await start(({ response }) => {
        response.writeHead(status).end();
        return true;
      });
      await expect(
        clientOf(registry.host).canPullAnonymously(`${registry.host}/a/b:v1`),
      ).resolves.toBe(answer);
    });

    it('does not call a broken registry private', async () => {
      const registry = await start(({ response }) => {
        response.writeHead(500).end();
        return true;
      });
      await expect(
        clientOf(registry.host).canPullAnonymously(`${registry.host}/a/b:v1`),
      ).rejects.toMatchObject({ code: 'REGISTRY_UNEXPECTED' });
    });
  });
});
