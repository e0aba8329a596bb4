import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  createModuleRegistry,
  type ModuleRegistryOptions,
} from './createModuleRegistry';
import {
  configWith,
  writeModule,
  type ModuleOnDisk,
} from './__fixtures__/modules';
import {
  digestOf,
  startScriptedRegistry,
  type Interception,
  type ScriptedRegistry,
} from './__fixtures__/scriptedRegistry';

const created = '2026-01-02T03:04:05Z';

describe('createModuleRegistry', () => {
  let module: ModuleOnDisk;
  const open: ScriptedRegistry[] = [];
  let pauses: number[];

  beforeEach(() => {
    module = writeModule();
    pauses = [];
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map(registry => registry.close()));
    module.remove();
  });

  async function start(intercept?: Interception) {
    const registry = await startScriptedRegistry(intercept);
    open.push(registry);
    return registry;
  }

  function clientOf(
    hosts: Parameters<typeof configWith>[0],
    options?: ModuleRegistryOptions,
  ) {
    return createModuleRegistry(configWith(hosts), {
      pause: async ms => {
        pauses.push(ms);
      },
      ...options,
    });
  }

  function push(
    registry: ScriptedRegistry,
    options: {
      client?: ModuleRegistryOptions;
      account?: { username: string; password: string };
      signal?: AbortSignal;
      onProgress?: (progress: { sentBytes: number }) => void;
    } = {},
  ) {
    const { client, account, ...rest } = options;
    return clientOf([{ host: registry.host, ...account }], client).push({
      path: module.path,
      reference: `${registry.host}/team/hello:1.0`,
      inspection: module.inspection,
      annotations: { b: '2', a: '1' },
      created,
      ...rest,
    });
  }

  const requests = (registry: ScriptedRegistry) =>
    registry.seen.map(({ method, path }) => `${method} ${path.split('?')[0]}`);
  const isPut = (method: string, path: string) =>
    method === 'PUT' && path.includes('/blobs/uploads/');

  describe('push', () => {
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
        annotations: { a: '1', b: '2' },
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
      const pushTo = (registry: ScriptedRegistry, changes: object) =>
        clientOf([{ host: registry.host }]).push({
          path: module.path,
          reference: `${registry.host}/team/hello:1.0`,
          inspection: module.inspection,
          annotations: {},
          created,
          ...changes,
        });

      it('sends nothing, and is the artifact that it was', async () => {
        const registry = await start();
        const first = await pushTo(registry, {});
        registry.seen.length = 0;
        await expect(pushTo(registry, { created: later })).resolves.toEqual({
          ...first,
          uploadedBytes: 0,
        });
        expect(
          registry.seen.filter(({ method }) => !/^(HEAD|GET)$/.test(method)),
        ).toEqual([]);
      });

      it('is an artifact of its own under another tag', async () => {
        const registry = await start();
        const first = await pushTo(registry, {});
        const second = await pushTo(registry, {
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
        const pushed = await pushTo(registry, {});
        expect(digestOf(registry.manifests.get('1.0')!.bytes)).toBe(
          pushed.digest,
        );
      });
    });

    it('sends only the manifest when only an annotation changed', async () => {
      const registry = await start();
      await push(registry);
      registry.seen.length = 0;
      await clientOf([{ host: registry.host }]).push({
        path: module.path,
        reference: `${registry.host}/team/hello:1.0`,
        inspection: module.inspection,
        annotations: { a: 'other' },
        created,
      });
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

    it('does not take 202 for a stored blob', async () => {
      const registry = await start(({ request, response, method, url }) => {
        if (!isPut(method, url.pathname)) {
          return false;
        }
        request.resume().on('end', () => response.writeHead(202).end());
        return true;
      });
      await expect(push(registry)).rejects.toMatchObject({
        code: 'REGISTRY_UNEXPECTED',
        message: expect.stringContaining('answered 202'),
      });
      expect(registry.manifests.size).toBe(0);
    });

    it('refuses a registry that stored other bytes', async () => {
      const other = `sha256:${'0'.repeat(64)}`;
      const registry = await start(({ request, response, method, url }) => {
        if (!isPut(method, url.pathname)) {
          return false;
        }
        request
          .resume()
          .on('end', () =>
            response.writeHead(201, { 'docker-content-digest': other }).end(),
          );
        return true;
      });
      await expect(push(registry)).rejects.toMatchObject({
        code: 'REGISTRY_DIGEST_MISMATCH',
        message: expect.stringContaining(other),
      });
    });

    it.each([
      { status: 401, code: 'REGISTRY_UNAUTHENTICATED' },
      { status: 403, code: 'REGISTRY_FORBIDDEN' },
      { status: 413, code: 'REGISTRY_TOO_LARGE' },
      { status: 400, code: 'REGISTRY_UNEXPECTED' },
    ])('asks once only after $status', async ({ status, code }) => {
      const registry = await start(({ response, method }) => {
        if (method !== 'POST') {
          return false;
        }
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end('{"errors":[{"code":"DENIED","message":"not today"}]}');
        return true;
      });
      await expect(push(registry)).rejects.toMatchObject({
        code,
        message: expect.stringContaining('DENIED not today'),
      });
      expect(
        registry.seen.filter(({ method }) => method === 'POST'),
      ).toHaveLength(1);
      expect(pauses).toEqual([]);
    });

    it('waits as long as the registry asks for after 429', async () => {
      const registry = await start(({ response, method, count }) => {
        if (method !== 'POST' || count > 1) {
          return false;
        }
        response.writeHead(429, { 'retry-after': '7' }).end();
        return true;
      });
      await push(registry);
      expect(pauses).toEqual([7000]);
    });

    it('does not wait for hours, but says how long it would be', async () => {
      const registry = await start(({ response, method }) => {
        if (method !== 'POST') {
          return false;
        }
        response.writeHead(429, { 'retry-after': '3600' }).end();
        return true;
      });
      await expect(push(registry)).rejects.toMatchObject({
        code: 'REGISTRY_RATE_LIMITED',
        remedy: 'Try again in 3600 seconds.',
      });
      expect(pauses).toEqual([]);
    });

    it('gives up after three times 500', async () => {
      const registry = await start(({ response, method }) => {
        if (method !== 'POST') {
          return false;
        }
        response.writeHead(500).end('<html>oops</html>');
        return true;
      });
      await expect(push(registry)).rejects.toMatchObject({
        code: 'REGISTRY_UNEXPECTED',
        message: `Registry ${registry.host} answered 500 to the attempt to push to ${registry.host}/team/hello:1.0`,
      });
      expect(
        registry.seen.filter(({ method }) => method === 'POST'),
      ).toHaveLength(3);
    });

    it('begins a new upload when the connection breaks in the middle', async () => {
      let broken = 0;
      const registry = await start(({ request, method, url }) => {
        if (!isPut(method, url.pathname) || broken) {
          return false;
        }
        broken++;
        request.once('data', () => request.socket.destroy());
        return true;
      });
      const pushed = await push(registry);
      expect(registry.blobs.get(pushed.layerDigest)!.equals(module.bytes)).toBe(
        true,
      );
      // The broken one, its second try, and the config.
      expect(
        registry.seen.filter(({ method }) => method === 'POST'),
      ).toHaveLength(3);
      expect(broken).toBe(1);
    });

    it('gives up on a registry that does not answer', async () => {
      const registry = await start(() => true);
      await expect(
        push(registry, { client: { timeouts: { idle: 30 } } }),
      ).rejects.toMatchObject({
        code: 'REGISTRY_UNREACHABLE',
        message: `Registry ${registry.host} cannot be reached: it did not answer in time`,
      });
    });

    it('says that nothing listens', async () => {
      const registry = await start();
      await registry.close();
      await expect(push(registry)).rejects.toMatchObject({
        code: 'REGISTRY_UNREACHABLE',
        message: `Registry ${registry.host} cannot be reached: nothing listens there (ECONNREFUSED)`,
      });
    });

    it('speaks https unless told otherwise, and names the setting', async () => {
      const registry = await start();
      await expect(
        clientOf([{ host: registry.host, insecure: false }]).describe(
          `${registry.host}/team/hello:1.0`,
        ),
      ).rejects.toMatchObject({
        code: 'REGISTRY_UNREACHABLE',
        message: `Registry ${registry.host} cannot be reached: it does not speak https`,
        remedy: expect.stringContaining('`insecure: true`'),
      });
      expect(registry.seen).toEqual([]);
    });

    it('cancels the upload on abort', async () => {
      const abort = new AbortController();
      const registry = await start(({ request, method, url }) => {
        if (!isPut(method, url.pathname)) {
          return false;
        }
        request.once('data', () => abort.abort());
        return true;
      });
      await expect(
        push(registry, { signal: abort.signal }),
      ).rejects.toMatchObject({ code: 'REGISTRY_ABORTED' });
      expect(requests(registry).at(-1)).toMatch(
        /^DELETE \/v2\/team\/hello\/blobs\/uploads\/[a-f0-9-]+$/,
      );
      expect(registry.manifests.size).toBe(0);
    });

    it('does not begin when it is aborted before', async () => {
      const registry = await start();
      await expect(
        push(registry, { signal: AbortSignal.abort() }),
      ).rejects.toMatchObject({ code: 'REGISTRY_ABORTED' });
      expect(registry.seen).toEqual([]);
    });

    it('refuses a file that changed since it was inspected', async () => {
      const registry = await start();
      writeFileSync(module.path, 'something else');
      await expect(push(registry)).rejects.toMatchObject({
        code: 'SOURCE_DIGEST_MISMATCH',
      });
      expect(registry.seen).toEqual([]);
    });

    it('refuses a file that is not there', async () => {
      const registry = await start();
      module.remove();
      await expect(push(registry)).rejects.toMatchObject({
        code: 'SOURCE_MISSING',
        message: 'hello.wasm cannot be read (ENOENT)',
      });
    });

    it.each([
      {
        why: 'a host that is not listed',
        reference: 'elsewhere.example/team/hello:1.0',
        code: 'REGISTRY_NOT_ALLOWED',
      },
      {
        why: 'a repository outside the prefix',
        reference: 'HOST/teammate/hello:1.0',
        code: 'REGISTRY_NOT_ALLOWED',
      },
      {
        why: 'a digest in the place of a tag',
        reference: `HOST/team/hello@sha256:${'0'.repeat(64)}`,
        code: 'IMAGE_REFERENCE_INVALID',
      },
    ])('refuses $why without asking anybody', async ({ reference, code }) => {
      const registry = await start();
      await expect(
        clientOf([{ host: registry.host, prefix: 'team' }]).push({
          path: module.path,
          reference: reference.replace('HOST', registry.host),
          inspection: module.inspection,
          annotations: {},
          created,
        }),
      ).rejects.toMatchObject({ code });
      expect(registry.seen).toEqual([]);
    });

    it('repeats no secret that the registry repeats', async () => {
      const registry = await start(({ request, response, method }) => {
        const { authorization } = request.headers;
        if (!authorization) {
          response
            .writeHead(401, { 'www-authenticate': 'Basic realm="test"' })
            .end();
          return true;
        }
        if (method === 'HEAD') {
          return false;
        }
        response.writeHead(403).end(
          JSON.stringify({
            errors: [{ message: `hunter2 is no good, nor ${authorization}` }],
          }),
        );
        return true;
      });
      const error = await push(registry, {
        account: { username: 'me', password: 'hunter2' },
      }).catch(e => e);
      expect(error.message).toBe(
        `Registry ${registry.host} does not let this account push to ${registry.host}/team/hello:1.0: *** is no good, nor Basic ***`,
      );
      expect(JSON.stringify([error, error.cause, error.stack])).not.toMatch(
        /hunter2|bWU6aHVudGVyMg/,
      );
    });
  });

  describe('reading a manifest', () => {
    it('asks for all kinds of manifests', async () => {
      const registry = await start();
      await push(registry);
      await clientOf([{ host: registry.host }]).describe(
        `${registry.host}/team/hello:1.0`,
      );
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
        clientOf([{ host: registry.host }]).describe(`${registry.host}/a/b`),
      ).resolves.toEqual({
        image: `${registry.host}/a/b@${digestOf(bytes)}`,
        digest: digestOf(bytes),
        mediaType: contentType,
        index: true,
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
        clientOf([{ host: registry.host }]).describe(`${registry.host}/a/b:v1`),
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
        clientOf([{ host: registry.host }]).describe(
          `${registry.host}/a/b${reference}`,
        ),
      ).rejects.toMatchObject({ code });
    });

    it('says what is not there', async () => {
      const registry = await start();
      await expect(
        clientOf([{ host: registry.host }]).describe(`${registry.host}/a/b:v9`),
      ).rejects.toMatchObject({
        code: 'REGISTRY_NOT_FOUND',
        message: `Registry ${registry.host} has nothing to read at ${registry.host}/a/b:v9`,
      });
    });
  });

  describe('pull', () => {
    async function startWith(intercept?: Interception) {
      const registry = await start(intercept);
      const pushed = await push(registry);
      const client = clientOf([{ host: registry.host }]);
      const target = join(module.directory, 'pulled.wasm');
      return {
        registry,
        pushed,
        target,
        pull: (maxBytes = 1_000_000) =>
          client.pull(pushed.image, target, { maxBytes }),
      };
    }
    const isBlobGet = (method: string, path: string) =>
      method === 'GET' && path.includes('/blobs/');

    it('writes the module', async () => {
      const { pull, target, pushed } = await startWith();
      await expect(pull()).resolves.toEqual({
        digest: pushed.layerDigest,
        size: module.bytes.length,
        manifestDigest: pushed.digest,
      });
      expect(readFileSync(target).equals(module.bytes)).toBe(true);
      expect(statSync(target).size).toBe(module.bytes.length);
    });

    it.each([
      {
        why: 'other bytes',
        change: (bytes: Buffer) => Buffer.alloc(bytes.length),
        message: 'when asked for',
      },
      {
        why: 'more bytes',
        change: (bytes: Buffer) => Buffer.concat([bytes, bytes]),
        message: 'sent more than',
      },
      {
        why: 'fewer bytes',
        change: (bytes: Buffer) => bytes.subarray(1),
        message: 'sent fewer than',
      },
    ])('leaves nothing behind when $why come', async ({ change, message }) => {
      const { pull, target } = await startWith(({ response, method, url }) => {
        if (!isBlobGet(method, url.pathname)) {
          return false;
        }
        response.writeHead(200).end(change(module.bytes));
        return true;
      });
      await expect(pull()).rejects.toMatchObject({
        code: 'REGISTRY_DIGEST_MISMATCH',
        message: expect.stringContaining(message),
      });
      expect(existsSync(target)).toBe(false);
      expect(readdirSync(module.directory)).toEqual(['hello.wasm']);
    });

    it('tries again when the connection breaks in the middle', async () => {
      const { pull, target } = await startWith(
        ({ response, method, url, count }) => {
          if (!isBlobGet(method, url.pathname) || count > 1) {
            return false;
          }
          response.writeHead(200, {
            'content-length': String(module.bytes.length),
          });
          response.write(module.bytes.subarray(0, 1000), () =>
            response.destroy(),
          );
          return true;
        },
      );
      await pull();
      expect(readFileSync(target).equals(module.bytes)).toBe(true);
    });

    it('does not even begin with a module that is too large', async () => {
      const { pull, registry } = await startWith();
      await expect(pull(1000)).rejects.toMatchObject({
        code: 'MODULE_TOO_LARGE',
      });
      expect(
        registry.seen.filter(({ method, path }) => isBlobGet(method, path)),
      ).toEqual([]);
    });

    it('is aborted', async () => {
      const abort = new AbortController();
      const registry = await start(({ response, method, url }) => {
        if (!isBlobGet(method, url.pathname)) {
          return false;
        }
        response.writeHead(200);
        response.write(module.bytes.subarray(0, 1000), () => abort.abort());
        return true;
      });
      const { image } = await push(registry);
      await expect(
        clientOf([{ host: registry.host }]).pull(
          image,
          join(module.directory, 'pulled.wasm'),
          { maxBytes: 1_000_000, signal: abort.signal },
        ),
      ).rejects.toMatchObject({ code: 'REGISTRY_ABORTED' });
      expect(readdirSync(module.directory)).toEqual(['hello.wasm']);
    });

    it.each([
      {
        what: 'an index',
        manifest: { schemaVersion: 2, manifests: [] },
        code: 'IMAGE_INDEX_UNSUPPORTED',
      },
      {
        what: 'a container image',
        manifest: {
          schemaVersion: 2,
          layers: [
            {
              mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
              digest: `sha256:${'0'.repeat(64)}`,
              size: 1,
            },
          ],
        },
        code: 'IMAGE_LAYOUT_UNSUPPORTED',
      },
      {
        what: 'an artifact without layers',
        manifest: { schemaVersion: 2, layers: [] },
        code: 'IMAGE_LAYOUT_UNSUPPORTED',
      },
    ])('refuses $what', async ({ manifest, code }) => {
      const registry = await start();
      registry.manifests.set('v1', {
        contentType: '',
        bytes: Buffer.from(JSON.stringify(manifest)),
      });
      await expect(
        clientOf([{ host: registry.host }]).pull(
          `${registry.host}/a/b:v1`,
          join(module.directory, 'pulled.wasm'),
          { maxBytes: 1000 },
        ),
      ).rejects.toMatchObject({ code });
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
        clientOf([{ host: registry.host }]).canPullAnonymously(
          `${registry.host}/a/b:v1`,
        ),
      ).resolves.toBe(answer);
    });

    it('does not call a broken registry private', async () => {
      const registry = await start(({ response }) => {
        response.writeHead(500).end();
        return true;
      });
      await expect(
        clientOf([{ host: registry.host }]).canPullAnonymously(
          `${registry.host}/a/b:v1`,
        ),
      ).rejects.toMatchObject({ code: 'REGISTRY_UNEXPECTED' });
    });
  });
});
