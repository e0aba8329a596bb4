import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Exchange } from './__fixtures__/scriptedRegistry';
import { isBlobGet, useRegistries } from './__fixtures__/useRegistries';

const TRY_AGAIN =
  'Check the address and that the registry is running, then try again.';

describe('a pull', () => {
  const { module, start, startPull, clientOf, push } = useRegistries();

  it('writes the module', async () => {
    const { pull, pulled, pushed } = await startPull(() => false);
    await expect(pull()).resolves.toEqual({
      digest: pushed.layerDigest,
      size: module.bytes.length,
      manifestDigest: pushed.digest,
      format: 'wasm',
    });
    expect(pulled()).toBe(true);
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
    const { pull, files } = await startPull(({ response }) => {
      response.writeHead(200).end(change(module.bytes));
      return true;
    });
    await expect(pull()).rejects.toMatchObject({
      code: 'REGISTRY_DIGEST_MISMATCH',
      message: expect.stringContaining(message),
    });
    expect(files()).toEqual(['hello.wasm']);
  });

  it('tries again when the connection breaks in the middle', async () => {
    const { pull, pulled } = await startPull(({ response, count }) => {
      if (count > 1) {
        return false;
      }
      response.writeHead(200, {
        'content-length': String(module.bytes.length),
      });
      response.write(module.bytes.subarray(0, 1000), () => response.destroy());
      return true;
    });
    await pull();
    expect(pulled()).toBe(true);
  });

  it('does not even begin with a module that is too large', async () => {
    const { pull, ranges } = await startPull(() => false);
    await expect(pull(undefined, 1000)).rejects.toMatchObject({
      code: 'MODULE_TOO_LARGE',
    });
    expect(ranges).toEqual([]);
  });

  it('is aborted', async () => {
    const abort = new AbortController();
    const registry = await start(({ response, method, url }) => {
      if (!isBlobGet({ method, url })) {
        return false;
      }
      response.writeHead(200);
      response.write(module.bytes.subarray(0, 1000), () => abort.abort());
      return true;
    });
    const { image } = await push(registry);
    await expect(
      clientOf(registry.host).pull(
        image,
        join(module.directory, 'pulled.wasm'),
        { maxBytes: 1_000_000, signal: abort.signal },
      ),
    ).rejects.toMatchObject({ code: 'REGISTRY_ABORTED' });
    expect(readdirSync(module.directory)).toEqual(['hello.wasm']);
  });

  it.each([
    {
      what: 'an index of nothing',
      manifest: { schemaVersion: 2, manifests: [] },
      code: 'IMAGE_WITHOUT_MODULE',
    },
    {
      what: 'a layer of another kind',
      manifest: {
        schemaVersion: 2,
        layers: [
          {
            mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
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
      code: 'IMAGE_WITHOUT_MODULE',
    },
  ])('refuses $what', async ({ manifest, code }) => {
    const registry = await start();
    registry.manifests.set('v1', {
      contentType: '',
      bytes: Buffer.from(JSON.stringify(manifest)),
    });
    await expect(
      clientOf(registry.host).pull(
        `${registry.host}/a/b:v1`,
        join(module.directory, 'pulled.wasm'),
        { maxBytes: 1000 },
      ),
    ).rejects.toMatchObject({ code });
  });

  describe('from a registry that breaks it off', () => {
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
});
