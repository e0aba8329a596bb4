import { writeFileSync } from 'node:fs';
import {
  isBlobPut,
  requests,
  sent,
  useRegistries,
} from './__fixtures__/useRegistries';

describe('a push that fails, or nearly', () => {
  const { module, pauses, start, clientOf, pushOptions, push } =
    useRegistries();

  it('does not take 202 for a stored blob', async () => {
    const registry = await start(({ request, response, method, url }) => {
      if (!isBlobPut({ method, url })) {
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
      if (!isBlobPut({ method, url })) {
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
    expect(sent(registry, 'POST')).toHaveLength(1);
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
    expect(sent(registry, 'POST')).toHaveLength(3);
  });

  it('begins a new upload when the connection breaks in the middle', async () => {
    let broken = 0;
    const registry = await start(({ request, method, url }) => {
      if (!isBlobPut({ method, url }) || broken) {
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
    expect(sent(registry, 'POST')).toHaveLength(3);
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
      if (!isBlobPut({ method, url })) {
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
        ...pushOptions(registry.host),
        reference: reference.replace('HOST', registry.host),
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
