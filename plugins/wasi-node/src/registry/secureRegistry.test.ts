import { execFile } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as x509 from '@peculiar/x509';
import { configWith } from './__fixtures__/modules';
import type { ScriptedRegistry } from './__fixtures__/scriptedRegistry';
import { resolveAllTo, useRegistries } from './__fixtures__/useRegistries';

// A second Node has to read the sources first.
jest.setTimeout(180_000);

const NAME = 'registry.test';

describe('a registry behind', () => {
  const { module, closing, resizeModule, start, clientOf, pushOptions, push } =
    useRegistries();

  // Several pieces, since TLS cuts them anew.
  beforeEach(() => resizeModule(3_000_000));

  /** Tunnels to one port, whatever the name; asks for an account where one is given. */
  async function startProxy(port: () => number, account?: string) {
    const asked: string[] = [];
    const sockets = new Set<Socket>();
    const server = createServer();
    server.on('connect', (request: IncomingMessage, client: Socket) => {
      asked.push(`CONNECT ${request.url}`);
      client.on('error', () => {});
      const given = request.headers['proxy-authorization'];
      if (
        account &&
        given !== `Basic ${Buffer.from(account).toString('base64')}`
      ) {
        client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
        return;
      }
      const upstream = connect(port(), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
      });
      upstream.on('error', () => client.destroy());
      sockets.add(upstream).add(client);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(async () => {
      sockets.forEach(socket => socket.destroy());
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    });
    return {
      asked,
      host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
  }

  const portOf = ({ host }: ScriptedRegistry) => Number(host.split(':')[1]);
  const stored = (registry: ScriptedRegistry) =>
    registry.blobs.get(module.inspection.digest)?.equals(module.bytes);

  /** Pushes with these variables, which a client reads when it first connects. */
  async function pushWith(variables: Record<string, string>, host: string) {
    const before = { ...process.env };
    Object.assign(process.env, variables);
    try {
      return await push(
        { host },
        { client: { resolve: resolveAllTo('127.0.0.1') } },
      );
    } finally {
      process.env = before;
    }
  }

  it('a certificate of our own authority is not spoken to without it', async () => {
    const registry = await start(undefined, await createCertificates(NAME));
    await expect(
      clientOf([
        {
          host: registry.host,
          insecure: false,
          username: 'me',
          password: 'x',
        },
      ]).push(pushOptions(registry.host)),
    ).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      message: expect.stringContaining(
        `Registry ${registry.host} cannot be reached: its certificate is not trusted`,
      ),
      remedy:
        'Have its certificate authority trusted by Node, e.g. with NODE_EXTRA_CA_CERTS.',
    });
    expect(registry.seen).toEqual([]);
  });

  it('a certificate of our own authority is spoken to with NODE_EXTRA_CA_CERTS, through a proxy too', async () => {
    const { authority, ...tls } = await createCertificates(NAME);
    const ca = join(module.directory, 'ca.pem');
    writeFileSync(ca, authority);
    const registry = await start(undefined, tls);
    const proxy = await startProxy(() => portOf(registry));
    const target = join(module.directory, 'pulled.wasm');
    const hosts = [registry.host, NAME];
    const work = module.write('work.json', {
      config: configWith(hosts.map(host => ({ host, insecure: false }))),
      pushes: hosts.map(pushOptions),
      target,
    });
    await promisify(execFile)(
      process.execPath,
      [join(__dirname, '__fixtures__/pushProcess.js'), work],
      {
        env: {
          ...process.env,
          NODE_EXTRA_CA_CERTS: ca,
          HTTPS_PROXY: `http://${proxy.host}`,
          NO_PROXY: '',
        },
      },
    );
    expect(stored(registry)).toBe(true);
    expect(readFileSync(target).equals(module.bytes)).toBe(true);
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${NAME}:443`]));
  });

  it('a proxy that asks for an account gets it', async () => {
    const registry = await start();
    const proxy = await startProxy(() => portOf(registry), 'me:secret');
    await pushWith({ HTTP_PROXY: `http://me:secret@${proxy.host}` }, NAME);
    expect(stored(registry)).toBe(true);
  });

  it('a proxy that refuses is named as the one that does, without the account', async () => {
    const registry = await start();
    const proxy = await startProxy(() => portOf(registry), 'me:secret');
    const error = await pushWith(
      { HTTP_PROXY: `http://me:wr0ng@${proxy.host}` },
      NAME,
    ).catch(reason => reason);
    expect(error).toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      message: `Registry ${NAME} cannot be reached: the proxy of the environment refuses the connection (407)`,
      remedy:
        'Correct HTTPS_PROXY and HTTP_PROXY of the backend, or name the host in NO_PROXY.',
    });
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('wr0ng');
    expect(registry.seen).toEqual([]);
  });

  it('a proxy is left out for the hosts of NO_PROXY', async () => {
    const registry = await start();
    const proxy = await startProxy(() => portOf(registry));
    await pushWith(
      { HTTP_PROXY: `http://${proxy.host}`, NO_PROXY: '.test' },
      `${NAME}:${portOf(registry)}`,
    );
    expect(stored(registry)).toBe(true);
    expect(proxy.asked).toEqual([]);
  });
});

async function createCertificates(name: string) {
  const crypto = webcrypto as unknown as Crypto;
  x509.cryptoProvider.set(crypto);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const generateKeys = () =>
    crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const authorityKeys = await generateKeys();
  const serverKeys = await generateKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Own authority',
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const server = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: authority.subject,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: name },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  });
  const key = await crypto.subtle.exportKey('pkcs8', serverKeys.privateKey);
  return {
    authority: authority.toString('pem'),
    cert: server.toString('pem'),
    key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
  };
}
