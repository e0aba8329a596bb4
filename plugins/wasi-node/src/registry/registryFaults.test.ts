import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  configWith,
  writeModule,
  type ModuleOnDisk,
} from './__fixtures__/modules';
import {
  digestOf,
  startScriptedRegistry,
  type Exchange,
  type Interception,
  type ScriptedRegistry,
} from './__fixtures__/scriptedRegistry';
import {
  createModuleRegistry,
  type ModuleRegistryOptions,
} from './createModuleRegistry';

const TRY_AGAIN =
  'Check the address and that the registry is running, then try again.';
const IS_IT_A_REGISTRY =
  'Try again; if it stays, check that the address is an OCI registry.';

// Real time has to pass in some of them.
jest.setTimeout(60_000);

describe('a registry with faults', () => {
  let module: ModuleOnDisk;
  const closing: (() => Promise<void>)[] = [];

  beforeEach(() => {
    module = writeModule();
  });

  afterEach(async () => {
    await Promise.all(closing.splice(0).map(close => close()));
    module.remove();
  });

  async function start(intercept?: Interception): Promise<ScriptedRegistry> {
    const registry = await startScriptedRegistry(intercept);
    closing.push(() => registry.close());
    return registry;
  }

  const clientOf = (host: string, options: ModuleRegistryOptions = {}) =>
    createModuleRegistry(configWith([{ host }]), {
      pause: async () => {},
      ...options,
    });

  const push = (
    { host }: { host: string },
    options?: ModuleRegistryOptions,
    signal?: AbortSignal,
  ) =>
    clientOf(host, options).push({
      path: module.path,
      reference: `${host}/team/hello:1.0`,
      inspection: module.inspection,
      annotations: {},
      created: '2026-01-02T03:04:05Z',
      signal,
    });

  /** A module in a registry that then gives its blob as `answer` does. */
  async function startPull(answer: (exchange: Exchange) => boolean | void) {
    const ranges: (string | undefined)[] = [];
    const registry = await start(exchange => {
      const { request, method, url } = exchange;
      if (method !== 'GET' || !url.pathname.includes('/blobs/')) {
        return false;
      }
      ranges.push(request.headers.range);
      return answer(exchange);
    });
    const { image } = await push(registry);
    const target = join(module.directory, 'pulled.wasm');
    return {
      registry,
      ranges,
      pull: (options?: ModuleRegistryOptions) =>
        clientOf(registry.host, options).pull(image, target, {
          maxBytes: 1_000_000,
        }),
      pulled: () => readFileSync(target).equals(module.bytes),
      files: () => readdirSync(module.directory),
    };
  }

  const isPut = ({ method, url }: Exchange) =>
    method === 'PUT' && url.pathname.includes('/blobs/uploads/');
  const sent = (registry: ScriptedRegistry, method: string) =>
    registry.seen.filter(request => request.method === method);

  describe('that is slow', () => {
    it('may take much longer than silence may, as long as bytes come', async () => {
      const { pull, pulled } = await startPull(({ response }) => {
        response.writeHead(200);
        let offset = 0;
        const timer = setInterval(() => {
          response.write(module.bytes.subarray(offset, offset + 5000));
          offset += 5000;
          if (offset >= module.bytes.length) {
            clearInterval(timer);
            response.end();
          }
        }, 50);
        return true;
      });
      await pull({ timeouts: { idle: 1000 } });
      expect(pulled()).toBe(true);
    });

    it('is given up when its download stands still', async () => {
      const { pull, registry, files } = await startPull(({ response }) => {
        response.writeHead(200).write(module.bytes.subarray(0, 1000));
        return true;
      });
      await expect(pull({ timeouts: { idle: 300 } })).rejects.toMatchObject({
        code: 'REGISTRY_UNREACHABLE',
        message: `Registry ${registry.host} cannot be reached: the transfer came to a standstill`,
        remedy: TRY_AGAIN,
      });
      expect(files()).toEqual(['hello.wasm']);
    });

    it('is given up when it takes no more of an upload', async () => {
      module.remove();
      // More than the buffers between us hold.
      module = writeModule(32 * 1024 * 1024);
      const registry = await start(exchange => {
        exchange.request.pause();
        return isPut(exchange);
      });
      await expect(
        push(registry, { timeouts: { idle: 500 } }),
      ).rejects.toMatchObject({
        code: 'REGISTRY_UNREACHABLE',
        message: `Registry ${registry.host} cannot be reached: the transfer came to a standstill`,
        remedy: TRY_AGAIN,
      });
      expect(registry.manifests.size).toBe(0);
      expect(sent(registry, 'DELETE')).toHaveLength(3);
    });

    it('is given up when a small answer trickles', async () => {
      const registry = await start(({ response }) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(timer));
        return true;
      });
      await expect(
        clientOf(registry.host, {
          timeouts: { request: 500 },
        }).describe(`${registry.host}/a/b:v1`),
      ).rejects.toMatchObject({
        code: 'REGISTRY_UNREACHABLE',
        message: `Registry ${registry.host} cannot be reached: it is too slow`,
        remedy: TRY_AGAIN,
      });
    });
  });

  describe('that refuses', () => {
    it.each([
      {
        status: 404,
        code: 'REGISTRY_NOT_FOUND',
        message: 'has nothing to push to at',
        remedy: 'Check repository, tag and digest.',
      },
      {
        status: 405,
        code: 'REGISTRY_UNEXPECTED',
        message: 'does not know how to push to',
        remedy:
          'Use a registry that takes uploads; a mirror or cache often does not.',
      },
      {
        status: 501,
        code: 'REGISTRY_UNEXPECTED',
        message: 'answered 501 to the attempt to push to',
        remedy: IS_IT_A_REGISTRY,
      },
    ])(
      'an upload with $status is asked once',
      async ({ status, code, message, remedy }) => {
        const registry = await start(({ response, method }) => {
          if (method === 'POST') {
            response.writeHead(status).end();
          }
          return method === 'POST';
        });
        await expect(push(registry)).rejects.toMatchObject({
          code,
          message: `Registry ${registry.host} ${message} ${registry.host}/team/hello:1.0`,
          remedy,
        });
        expect(sent(registry, 'POST')).toHaveLength(1);
        expect(registry.manifests.size).toBe(0);
      },
    );

    it('the size of an upload before it has all of it', async () => {
      module.remove();
      module = writeModule(8 * 1024 * 1024);
      const registry = await start(exchange => {
        if (!isPut(exchange)) {
          return false;
        }
        // As a proxy does: it answers, and throws the rest away.
        exchange.response.writeHead(413).end();
        exchange.request.resume();
        return true;
      });
      await expect(push(registry)).rejects.toMatchObject({
        code: 'REGISTRY_TOO_LARGE',
        message: `Registry ${registry.host}, or a proxy before it, refuses the size of what is sent to ${registry.host}/team/hello:1.0`,
        remedy:
          'Make the module smaller, or raise the limit of the registry or its proxy.',
      });
      expect(sent(registry, 'POST')).toHaveLength(1);
      expect(registry.manifests.size).toBe(0);
    });

    it.each([500, 502, 503])(
      'once with %i gets the upload again, whole',
      async status => {
        const registry = await start(exchange => {
          if (!isPut(exchange) || sent(registry, 'PUT').length > 1) {
            return false;
          }
          exchange.request
            .resume()
            .on('end', () => exchange.response.writeHead(status).end());
          return true;
        });
        const { layerDigest } = await push(registry);
        expect(registry.blobs.get(layerDigest)?.equals(module.bytes)).toBe(
          true,
        );
        expect(sent(registry, 'DELETE')).toHaveLength(1);
      },
    );

    it('for now is waited for until the date it names, or until the user cancels', async () => {
      const abort = new AbortController();
      const registry = await start(({ response }) => {
        const date = new Date(Date.now() + 25_000).toUTCString();
        response
          .writeHead(429, { 'retry-after': date })
          .end(() => abort.abort());
        return true;
      });
      // The real pause: this test would take 25 seconds if nothing ended it.
      await expect(
        push(registry, { pause: undefined }, abort.signal),
      ).rejects.toMatchObject({
        code: 'REGISTRY_ABORTED',
        remedy: 'Start it again; what the registry has is not sent again.',
      });
      expect(registry.seen).toHaveLength(1);
    });
  });

  describe('that breaks off a download', () => {
    const cutAt = (bytes: number, { response, request }: Exchange) => {
      const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
      const offset = Number(from ?? 0);
      response.writeHead(from ? 206 : 200, {
        'content-length': String(module.bytes.length - offset),
        ...(from && {
          'content-range': `bytes ${offset}-${module.bytes.length - 1}/${
            module.bytes.length
          }`,
        }),
      });
      response.write(module.bytes.subarray(offset, offset + bytes), () =>
        response.destroy(),
      );
      return true;
    };

    it('is asked for the rest alone', async () => {
      const { pull, pulled, ranges } = await startPull(exchange =>
        cutAt(80_000, exchange),
      );
      await pull();
      expect(pulled()).toBe(true);
      expect(ranges[0]).toBe(undefined);
      expect(ranges.slice(1)).toEqual([
        expect.stringMatching(/^bytes=[1-9]\d*-$/),
        expect.stringMatching(/^bytes=[1-9]\d*-$/),
      ]);
    });

    it.each([
      {
        how: 'sends all of it again',
        status: 200,
        headers: {},
      },
      {
        how: 'sends another part',
        status: 206,
        headers: { 'content-range': 'bytes 5-9/10' },
      },
      { how: 'says 416', status: 416, headers: {} },
    ])('and then $how', async ({ status, headers }) => {
      const { pull, pulled, files } = await startPull(exchange => {
        const { response, request } = exchange;
        if (request.headers.range) {
          response
            .writeHead(status, headers)
            .end(status === 200 ? module.bytes : 'other');
          return true;
        }
        return exchange.count === 1 && cutAt(80_000, exchange);
      });
      await pull();
      expect(pulled()).toBe(true);
      expect(files().sort()).toEqual(['hello.wasm', 'pulled.wasm']);
    });

    it('and sends other bytes for the rest', async () => {
      const { pull, registry, files } = await startPull(exchange => {
        const { response, request } = exchange;
        if (!request.headers.range) {
          return cutAt(80_000, exchange);
        }
        const [offset] = request.headers.range.match(/\d+/) ?? [];
        response.writeHead(206, {
          'content-range': `bytes ${offset}-${module.bytes.length - 1}/${
            module.bytes.length
          }`,
        });
        response.end(Buffer.alloc(module.bytes.length - Number(offset)));
        return true;
      });
      await expect(pull()).rejects.toMatchObject({
        code: 'REGISTRY_DIGEST_MISMATCH',
        message: expect.stringContaining(
          `when asked for ${module.inspection.digest} in team/hello`,
        ),
        remedy: 'Try again; if it stays, the registry or a proxy is broken.',
      });
      expect(registry.seen.length).toBeGreaterThan(2);
      expect(files()).toEqual(['hello.wasm']);
    });

    it('is given up after three times, and nothing is left', async () => {
      const { pull, registry, ranges, files } = await startPull(exchange =>
        cutAt(1000, exchange),
      );
      await expect(pull()).rejects.toMatchObject({
        code: 'REGISTRY_UNREACHABLE',
        message: expect.stringContaining(
          `Registry ${registry.host} cannot be reached: the connection broke off`,
        ),
        remedy: TRY_AGAIN,
      });
      expect(ranges).toHaveLength(3);
      expect(files()).toEqual(['hello.wasm']);
    });
  });

  describe('that lies', () => {
    it.each([
      {
        about: 'the length of the answer, which is longer',
        length: (size: number) => size - 1,
        code: /REGISTRY_(UNREACHABLE|DIGEST_MISMATCH)/,
      },
      {
        about: 'the length of the answer, which is shorter',
        length: (size: number) => size + 1,
        code: /REGISTRY_(UNREACHABLE|DIGEST_MISMATCH)/,
      },
    ])('about $about', async ({ length, code }) => {
      const { pull, files } = await startPull(({ request, response }) => {
        // Past the checks of Node's own server.
        request.socket.end(
          Buffer.concat([
            Buffer.from(
              `HTTP/1.1 200 OK\r\ncontent-length: ${length(
                module.bytes.length,
              )}\r\n\r\n`,
            ),
            module.bytes,
          ]),
        );
        response.detachSocket(request.socket);
        return true;
      });
      await expect(pull()).rejects.toMatchObject({
        code: expect.stringMatching(code),
      });
      expect(files()).toEqual(['hello.wasm']);
    });

    it('about the end of a module, which never comes', async () => {
      let closed: Promise<unknown> | undefined;
      const { pull, registry, files } = await startPull(({ response }) => {
        closed = once(response, 'close');
        response.writeHead(200);
        const more = () => {
          while (response.write(module.bytes));
        };
        response.on('drain', more);
        more();
        return true;
      });
      await expect(pull()).rejects.toMatchObject({
        code: 'REGISTRY_DIGEST_MISMATCH',
        message: `Registry ${registry.host} sent more than the ${module.bytes.length} bytes of ${module.inspection.digest} in team/hello`,
      });
      await closed;
      expect(files()).toEqual(['hello.wasm']);
    });

    it('about the end of a manifest, which never comes', async () => {
      let closed: Promise<unknown> | undefined;
      const registry = await start(({ response }) => {
        closed = once(response, 'close');
        response.writeHead(200);
        const more = () => {
          while (response.write(Buffer.alloc(65_536, ' ')));
        };
        response.on('drain', more);
        more();
        return true;
      });
      await expect(
        clientOf(registry.host).describe(`${registry.host}/a/b:v1`),
      ).rejects.toMatchObject({
        code: 'REGISTRY_UNEXPECTED',
        message: `Registry ${registry.host} sent more than 4194304 bytes as a manifest`,
        remedy: IS_IT_A_REGISTRY,
      });
      await closed;
    });

    it.each([
      {
        what: 'a manifest 1 000 000 levels deep',
        body: '['.repeat(1_000_000) + ']'.repeat(1_000_000),
        at: '',
      },
      {
        what: 'a manifest of 2 000 000 wrong layers',
        body: `{"schemaVersion":2,"layers":[${'0,'.repeat(1_999_999)}0]}`,
        at: ': wrong value at layers',
      },
      {
        what: 'a manifest of 300 000 wrong annotations',
        body: `{"schemaVersion":2,"annotations":{${Array.from(
          { length: 300_000 },
          (_, index) => `"${index}":0`,
        ).join()}}}`,
        at: ': wrong value at annotations',
      },
      {
        what: 'a layer of less than no bytes',
        body: `{"schemaVersion":2,"layers":[{"mediaType":"a","digest":"sha256:${'0'.repeat(
          64,
        )}","size":-1}]}`,
        at: ': wrong value at layers.0.size',
      },
    ])('with $what', async ({ body, at }) => {
      const registry = await start(({ response }) => {
        response.end(body);
        return true;
      });
      await expect(
        clientOf(registry.host).describe(`${registry.host}/a/b:v1`),
      ).rejects.toMatchObject({
        code: 'REGISTRY_UNEXPECTED',
        message: `The manifest ${digestOf(Buffer.from(body))} of ${
          registry.host
        }/a/b cannot be read${at}`,
        remedy: 'Push the module again.',
      });
    });

    it('about annotations that would reach into our objects', async () => {
      const registry = await start(({ response }) => {
        response.end(
          '{"schemaVersion":2,"annotations":{"__proto__":"x","constructor":"y"}}',
        );
        return true;
      });
      const { annotations } = await clientOf(registry.host).describe(
        `${registry.host}/a/b:v1`,
      );
      expect(Object.getPrototypeOf(annotations)).toBe(Object.prototype);
      expect(({} as { constructor: unknown }).constructor).toBe(Object);
    });

    it('about what it has of an upload, which is sent whole all the same', async () => {
      const registry = await start(({ response, method, url }) => {
        if (method !== 'POST') {
          return false;
        }
        response
          .writeHead(202, {
            location: `${url.pathname}x?_state=a%2Bb%3D`,
            range: '0-199998',
            'oci-chunk-min-length': '999999999',
          })
          .end();
        return true;
      });
      const { layerDigest } = await push(registry);
      expect(registry.blobs.get(layerDigest)?.equals(module.bytes)).toBe(true);
    });

    it('about where an upload goes on', async () => {
      const registry = await start(({ response, method }) => {
        if (method === 'POST') {
          response.writeHead(202).end();
        }
        return method === 'POST';
      });
      await expect(push(registry)).rejects.toMatchObject({
        code: 'REGISTRY_UNEXPECTED',
        message: `Registry ${registry.host} began an upload without saying where it goes on`,
        remedy: IS_IT_A_REGISTRY,
      });
    });
  });

  it('that does not even speak HTTP is told apart from one that is not there', async () => {
    const server = createServer(socket => {
      socket.on('error', () => {});
      socket.end('SSH-2.0-OpenSSH_9.6\r\n');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(async () => {
      server.close();
    });
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(push({ host })).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      message: `Registry ${host} cannot be reached: it does not speak HTTP`,
      remedy: IS_IT_A_REGISTRY,
    });
  });

  describe('and a file of ours', () => {
    it('that changes while it is sent is not finished', async () => {
      const registry = await start();
      const other = Buffer.from(module.bytes);
      other[module.bytes.length - 1] ^= 1;
      writeFileSync(module.path, other);
      await expect(push(registry)).rejects.toMatchObject({
        code: 'SOURCE_DIGEST_MISMATCH',
        message: 'hello.wasm is not any more the file that was inspected',
        remedy: 'Build and inspect it again.',
      });
      expect([...registry.blobs.keys(), ...registry.manifests.keys()]).toEqual(
        [],
      );
      expect(sent(registry, 'DELETE')).toHaveLength(1);
    });

    it('that changed is refused even where the registry has what was inspected', async () => {
      const registry = await start();
      await push(registry);
      const other = Buffer.from(module.bytes);
      other[9] ^= 1;
      writeFileSync(module.path, other);
      await expect(push(registry)).rejects.toMatchObject({
        code: 'SOURCE_DIGEST_MISMATCH',
      });
    });

    it('that cannot be written is not called a fault of the registry', async () => {
      const registry = await start();
      const { image } = await push(registry);
      rmSync(module.directory, { recursive: true });
      await expect(
        clientOf(registry.host).pull(
          image,
          join(module.directory, 'pulled.wasm'),
          { maxBytes: 1_000_000 },
        ),
      ).rejects.toMatchObject({
        code: 'FILE_NOT_WRITTEN',
        message: 'pulled.wasm cannot be written (ENOENT)',
        remedy:
          'Make room on the disk of the backend, and check that it may write there.',
      });
    });
  });
});
