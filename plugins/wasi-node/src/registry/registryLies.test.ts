import { once } from 'node:events';
import { digestOf } from './__fixtures__/scriptedRegistry';
import { useRegistries } from './__fixtures__/useRegistries';

const IS_IT_A_REGISTRY =
  'Try again; if it stays, check that the address is an OCI registry.';

// Real time has to pass in some of them.
jest.setTimeout(60_000);

describe('a registry that lies', () => {
  const { module, start, startPull, clientOf, push } = useRegistries();

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
