import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import {
  BackendUnderTest,
  image,
  modulesOf,
  PAY,
} from './__testUtils__/BackendUnderTest';

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

describe('the backend plugin, where images are verified', () => {
  const backend = new BackendUnderTest();
  let registry: Server;
  let unsigned: string;

  beforeEach(async () => {
    // A registry in which nothing is attached to any image.
    registry = createServer((_, response) => {
      response.writeHead(200, {
        'content-type': 'application/vnd.oci.image.index.v1+json',
      });
      response.end('{"schemaVersion":2,"manifests":[]}');
    });
    await new Promise<void>(resolve => {
      registry.listen(0, '127.0.0.1', resolve);
    });
    const { port } = registry.address() as AddressInfo;
    unsigned = `127.0.0.1:${port}/pay@sha256:${'b'.repeat(64)}`;
  });

  afterEach(async () => {
    await backend.stop();
    registry.close();
    registry.closeAllConnections();
  });

  const start = (policy: string) =>
    backend.start({
      wasi: {
        registries: [{ host: unsigned.split('/')[0], insecure: true }],
        verification: {
          policy,
          publicKeys: [
            {
              name: 'release',
              key: String(publicKey.export({ type: 'spki', format: 'pem' })),
            },
          ],
        },
      },
    });

  const create = async (policy: string, name: string, of: string) =>
    request(await start(policy))
      .post(modulesOf('pay'))
      .send({
        module: {
          apiVersion: 'wasm.serving.knative.dev/v1alpha1',
          kind: 'WasmModule',
          metadata: { name, namespace: 'shop' },
          spec: { image: of },
        },
      });

  it('refuses to create a module of an image that is not signed', async () => {
    const answer = await create('enforce', 'refused', unsigned);
    expect(answer.status).toBe(403);
    expect(answer.body.error).toMatchObject({
      name: 'NotAllowedError',
      code: 'IMAGE_NOT_SIGNED',
      message: `The image may not be deployed: ${unsigned} is not signed.`,
      remedy: expect.stringContaining('cosign sign --key'),
    });
    await expect(
      backend.prod.get({ namespace: 'shop', name: 'refused' }),
    ).rejects.toMatchObject({ code: 'MODULE_NOT_FOUND' });
  });

  it('refuses it as well where the registry is gone', async () => {
    registry.close();
    registry.closeAllConnections();
    const answer = await create('enforce', 'refused', unsigned);
    expect(answer.status).toBe(503);
    expect(answer.body.error.code).toBe('IMAGE_NOT_VERIFIED');
    await expect(
      backend.prod.get({ namespace: 'shop', name: 'refused' }),
    ).rejects.toMatchObject({ code: 'MODULE_NOT_FOUND' });
  });

  it('creates it with a finding where that is the policy', async () => {
    const answer = await create('warn', 'warned', unsigned);
    expect(answer.status).toBe(201);
    expect(answer.body.findings).toContainEqual(
      expect.objectContaining({
        code: 'IMAGE_NOT_SIGNED',
        severity: 'warning',
        path: 'spec.image',
      }),
    );
  });

  it('lets nobody change a module to an image that is not signed', async () => {
    const server = await start('enforce');
    const patched = await request(server)
      .patch(PAY)
      .send({ spec: { image: unsigned } });
    expect(patched.status).toBe(403);
    expect(patched.body.error.code).toBe('IMAGE_NOT_SIGNED');

    const { module } = (await request(server).get(PAY)).body;
    module.spec.image = unsigned;
    const replaced = await request(server).put(PAY).send(module);
    expect(replaced.body.error.code).toBe('IMAGE_NOT_SIGNED');
    expect(
      (await backend.prod.get({ namespace: 'shop', name: 'pay' })).spec.image,
    ).toBe(image);
  });

  it('lets what runs already be changed in other ways', async () => {
    const answer = await request(await start('enforce'))
      .patch(PAY)
      .send({ spec: { args: ['pay', '--slowly'] } });
    expect(answer.status).toBe(200);
    expect(answer.body.module.spec.args).toEqual(['pay', '--slowly']);
  });
});
