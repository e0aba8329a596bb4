import { digestOf } from './__fixtures__/scriptedRegistry';
import { requests, useRegistries } from './__fixtures__/useRegistries';

describe('a push', () => {
  const { module, start, push } = useRegistries();

  it('composes the CNCF artifact of a component', async () => {
    const registry = await start();
    const pushed = await push(registry);
    const { bytes, contentType } = registry.manifests.get('1.0')!;
    const manifest = JSON.parse(bytes.toString());
    expect(contentType).toBe('application/vnd.oci.image.manifest.v1+json');
    expect(manifest).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/vnd.wasm.config.v0+json',
      config: {
        mediaType: 'application/vnd.wasm.config.v0+json',
        digest: expect.any(String),
        size: expect.any(Number),
      },
      layers: [
        {
          mediaType: 'application/wasm',
          digest: digestOf(module.bytes),
          size: module.bytes.length,
          annotations: { 'org.opencontainers.image.title': 'hello.wasm' },
        },
      ],
      annotations: {
        a: '1',
        b: '2',
        'org.opencontainers.image.created': '2026-01-02T03:04:05.000Z',
      },
    });
    const config = registry.blobs.get(manifest.config.digest)!;
    expect(config.length).toBe(manifest.config.size);
    expect(JSON.parse(config.toString())).toEqual({
      created: '2026-01-02T03:04:05.000Z',
      author: null,
      architecture: 'wasm',
      os: 'wasip2',
      layerDigests: [digestOf(module.bytes)],
      component: {
        exports: ['wasi:http/incoming-handler@0.2.3'],
        imports: ['wasi:io/streams@0.2.3', 'wasi:http/types@0.2.3'],
        target: null,
      },
    });
    expect(pushed).toEqual({
      image: `${registry.host}/team/hello@${digestOf(bytes)}`,
      digest: digestOf(bytes),
      format: 'wasm',
      runnerImage: pushed.image,
      layerDigest: digestOf(module.bytes),
      size: module.bytes.length,
      uploadedBytes: module.bytes.length + config.length + bytes.length,
    });
    expect(registry.blobs.get(pushed.layerDigest)!.equals(module.bytes)).toBe(
      true,
    );
  });

  it('calls a core module wasip1 and gives it no component', async () => {
    const registry = await start();
    module.inspection.kind = 'module';
    await push(registry);
    const manifest = JSON.parse(
      registry.manifests.get('1.0')!.bytes.toString(),
    );
    expect(
      JSON.parse(registry.blobs.get(manifest.config.digest)!.toString()),
    ).toMatchObject({ os: 'wasip1', component: null });
  });

  describe('an unchanged module, later', () => {
    const later = '2027-01-01T00:00:00Z';
    it('sends nothing, and is the artifact that it was', async () => {
      const registry = await start();
      const first = await push(registry);
      registry.seen.length = 0;
      await expect(push(registry, { created: later })).resolves.toEqual({
        ...first,
        uploadedBytes: 0,
      });
      expect(
        registry.seen.filter(({ method }) => !/^(HEAD|GET)$/.test(method)),
      ).toEqual([]);
    });

    it('is an artifact of its own under another tag', async () => {
      const registry = await start();
      const first = await push(registry);
      const second = await push(registry, {
        reference: `${registry.host}/team/hello:2.0`,
        created: later,
      });
      expect(second.layerDigest).toBe(first.layerDigest);
      expect(second.digest).not.toBe(first.digest);
    });

    it.each([
      ['no JSON', 'not JSON'],
      ['no artifact of a module', '{"schemaVersion":2,"manifests":[]}'],
    ])('replaces what is %s', async (_, text) => {
      const registry = await start();
      const bytes = Buffer.from(text);
      registry.manifests.set('1.0', {
        bytes,
        contentType: 'application/vnd.oci.image.manifest.v1+json',
      });
      const pushed = await push(registry);
      expect(digestOf(registry.manifests.get('1.0')!.bytes)).toBe(
        pushed.digest,
      );
    });
  });

  it('sends only the manifest when only an annotation changed', async () => {
    const registry = await start();
    await push(registry);
    registry.seen.length = 0;
    await push(registry, { annotations: { a: 'other' } });
    expect(
      requests(registry).filter(request => !/^(HEAD|GET) /.test(request)),
    ).toEqual(['PUT /v2/team/hello/manifests/1.0']);
  });

  it('reports progress up to the whole size', async () => {
    const registry = await start();
    const sent: number[] = [];
    await push(registry, { onProgress: p => sent.push(p.sentBytes) });
    expect(sent.at(-1)).toBe(module.bytes.length);
    expect([...sent].sort((a, b) => a - b)).toEqual(sent);
  });

  it('follows an absolute Location on another host without the credentials', async () => {
    const storage = await start(({ request, response, method }) => {
      if (method === 'PUT') {
        request.resume().on('end', () => response.writeHead(201).end());
        return true;
      }
      return false;
    });
    const registry = await start(({ request, response, method, url }) => {
      if (!request.headers.authorization) {
        response
          .writeHead(401, { 'www-authenticate': 'Basic realm="test"' })
          .end();
        return true;
      }
      if (method === 'POST') {
        response
          .writeHead(202, {
            location: `http://${storage.host}${url.pathname}x?signature=1`,
          })
          .end();
        return true;
      }
      return false;
    });
    await push(registry, { account: { username: 'me', password: 'secret' } });
    expect(storage.seen.map(({ authorization }) => authorization)).toEqual([
      undefined,
      undefined,
    ]);
    expect(storage.seen[0].path).toBe(
      `/v2/team/hello/blobs/uploads/x?signature=1&digest=${encodeURIComponent(
        digestOf(module.bytes),
      )}`,
    );
  });
});
