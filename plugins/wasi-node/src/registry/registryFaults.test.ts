import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { isBlobPut, sent, useRegistries } from './__fixtures__/useRegistries';

const TRY_AGAIN =
  'Check the address and that the registry is running, then try again.';
const IS_IT_A_REGISTRY =
  'Try again; if it stays, check that the address is an OCI registry.';

// Real time has to pass in some of them.
jest.setTimeout(60_000);

describe('a registry with faults', () => {
  const { module, closing, resizeModule, start, startPull, clientOf, push } =
    useRegistries();

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
      // More than the buffers between us hold.
      resizeModule(32 * 1024 * 1024);
      const registry = await start(exchange => {
        exchange.request.pause();
        return isBlobPut(exchange);
      });
      await expect(
        push(registry, { client: { timeouts: { idle: 500 } } }),
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
      resizeModule(8 * 1024 * 1024);
      const registry = await start(exchange => {
        if (!isBlobPut(exchange)) {
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
          if (!isBlobPut(exchange) || sent(registry, 'PUT').length > 1) {
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
        push(registry, {
          client: { pause: undefined },
          signal: abort.signal,
        }),
      ).rejects.toMatchObject({
        code: 'REGISTRY_ABORTED',
        remedy: 'Start it again; what the registry has is not sent again.',
      });
      expect(registry.seen).toHaveLength(1);
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
