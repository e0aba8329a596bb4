import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  digestOf,
  RegistryUnderTest,
  withDigest,
} from '../__conformance__/RegistryUnderTest';
import { startRegistry, type RunningRegistry } from './startRegistry';

jest.setTimeout(60_000);

const maxBlobBytes = 1024 ** 2;

describe('whoever sends what they like to the registry', () => {
  let directory: string;
  let registry: RunningRegistry;
  let client: RegistryUnderTest;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'wasi-registry-attacks-'));
    registry = await startRegistry({ directory, maxBlobBytes });
    client = new RegistryUnderTest({
      url: `http://${registry.host}`,
      close: registry.close,
    });
  });

  afterEach(async () => {
    await registry.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** The status line that a request of these very bytes is answered with. */
  async function answerTo(text: string): Promise<string> {
    const socket = connect(Number(registry.host.split(':')[1]), '127.0.0.1');
    let answer = '';
    socket.on('data', chunk => {
      answer += chunk;
    });
    socket.end(text);
    await once(socket, 'close');
    return answer.split('\r\n')[0];
  }

  it.each([
    { target: '//', status: '404 Not Found' },
    { target: 'http://[', status: '404 Not Found' },
    { target: '*', status: '404 Not Found' },
    { target: '/v2/team/app/../../../etc/passwd', status: '404 Not Found' },
    {
      target: '/v2/../../etc/manifests/passwd',
      status: '400 Bad Request',
    },
    { target: '/v2/team/app/manifests/%00', status: '400 Bad Request' },
    {
      target: '/v2/team/app/blobs/sha256:%2e%2e',
      status: '400 Bad Request',
    },
    {
      target: '/v2/team/app/blobs/uploads/../../../../x',
      status: '404 Not Found',
    },
    {
      target: `/v2/a/../tags/list`,
      status: '400 Bad Request',
    },
  ])(
    'gets $status for $target, and ends nothing',
    async ({ target, status }) => {
      expect(
        await answerTo(
          `GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
        ),
      ).toBe(`HTTP/1.1 ${status}`);
      expect((await client.call('GET', '')).status).toBe(200);
      expect(readdirSync(join(directory, 'repositories'))).toEqual([]);
    },
  );

  it('mounts and pushes by no path', async () => {
    const { name } = client;
    for (const query of [
      `mount=sha256:../../x&from=${name}`,
      `mount=${digestOf(Buffer.of())}&from=../../x`,
      'digest=sha256:../../../x',
    ]) {
      const answer = await client.call(
        'POST',
        `${name}/blobs/uploads/?${query}`,
        { body: Buffer.from('x') },
      );
      expect([query, answer.status]).toEqual([query, 400]);
    }
    expect(readdirSync(join(directory, 'temporary'))).toEqual([]);
    expect(readdirSync(join(directory, 'repositories'))).toEqual([]);
  });

  it('gets headers of 100 KB refused', async () => {
    expect(
      await answerTo(
        `GET /v2/ HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`,
      ),
    ).toBe('HTTP/1.1 431 Request Header Fields Too Large');
    expect((await client.call('GET', '')).status).toBe(200);
  });

  it('has the longest tags told apart by their capitals', async () => {
    const tags = ['a', 'A'].map(letter => letter.repeat(128));
    const manifests = await Promise.all(
      tags.map(() => client.composeManifest()),
    );
    for (const [index, tag] of tags.entries()) {
      const put = await client.putManifest(tag, manifests[index]);
      expect(put.status).toBe(201);
    }
    const listed = await client.call('GET', `${client.name}/tags/list`);
    expect(listed.json().tags.sort()).toEqual([...tags].sort());
    for (const [index, tag] of tags.entries()) {
      const { body } = await client.getManifest(tag);
      expect(body.equals(manifests[index])).toBe(true);
    }
  });

  it.each([
    { what: 'a blob', method: 'POST', path: `blobs/uploads/?digest=` },
    { what: 'a manifest', method: 'PUT', path: 'manifests/v1?' },
  ])(
    'may go on sending $what that was refused, over the same connection',
    async ({ method, path }) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const send = (to: string, how: string, body?: Buffer) =>
        new Promise<number | undefined>((resolve, reject) => {
          request(
            `http://${registry.host}/v2/${to}`,
            { method: how, agent },
            response => {
              response.resume();
              response.on('end', () => resolve(response.statusCode));
            },
          )
            .on('error', reject)
            .end(body);
        });
      const digest = digestOf(Buffer.of());
      expect(
        await send(
          `team/app/${path}${digest}`,
          method,
          Buffer.alloc(16 * maxBlobBytes),
        ),
      ).toBe(413);
      expect(await send('', 'GET')).toBe(200);
      agent.destroy();
      expect(readdirSync(join(directory, 'temporary'))).toEqual([]);
    },
  );

  it('holds nobody up with pushes and pulls that stand still', async () => {
    const bytes = randomBytes(1_000_000);
    const digest = await client.pushBlob(bytes);
    const port = Number(registry.host.split(':')[1]);
    const stalled = Array.from({ length: 100 }, (_, index) => {
      const socket = connect(port, '127.0.0.1');
      socket.pause();
      socket.on('error', () => {});
      socket.write(
        index % 2
          ? `GET /v2/${client.name}/blobs/${digest} HTTP/1.1\r\nhost: x\r\n\r\n`
          : `POST /v2/a/blobs/uploads/?digest=${digest} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nx`,
      );
      return socket;
    });
    await Promise.all(stalled.map(socket => once(socket, 'connect')));

    const manifest = await client.composeManifest();
    expect((await client.putManifest('v1', manifest)).status).toBe(201);
    const pulled = await client.call('GET', `${client.name}/blobs/${digest}`);
    expect(pulled.body.equals(bytes)).toBe(true);

    const closed = stalled.map(socket => {
      socket.resume();
      return once(socket, 'close');
    });
    await registry.close();
    await Promise.all(closed);
    // For the hook of all tests.
    registry = await startRegistry({ directory });
    expect(readdirSync(join(directory, 'temporary'))).toEqual([]);
  });

  it('finds a tag whole whichever of many pushes at once was the last', async () => {
    const manifests = await Promise.all(
      Array.from({ length: 10 }, () => client.composeManifest()),
    );
    const shared = randomBytes(100_000);
    await Promise.all([
      ...manifests.map(bytes => client.putManifest('same', bytes)),
      ...manifests.map(() => client.pushBlob(shared)),
    ]);
    const { body } = await client.getManifest('same');
    expect(manifests.map(bytes => bytes.toString())).toContain(body.toString());
    const blob = await client.call(
      'GET',
      `${client.name}/blobs/${digestOf(shared)}`,
    );
    expect(blob.body.equals(shared)).toBe(true);
  });

  it('takes away from others no blob and no manifest by deleting while they push', async () => {
    const bytes = randomBytes(1000);
    const digest = digestOf(bytes);
    const manifest = await client.composeManifest();
    for (let round = 0; round < 5; round += 1) {
      await client.pushBlob(bytes, 'mine/app');
      const location = await client.beginUpload('yours/app');
      const [, put, mount, pushed] = await Promise.all([
        client.call('DELETE', `mine/app/blobs/${digest}`),
        client.call('PUT', withDigest(location, digest), { body: bytes }),
        client.call(
          'POST',
          `third/app/blobs/uploads/?mount=${digest}&from=mine/app`,
        ),
        client.putManifest('v1', manifest),
        client.call('DELETE', `${client.name}/manifests/${digestOf(manifest)}`),
      ]);
      expect([put.status, pushed.status]).toEqual([201, 201]);
      const names = [
        'yours/app',
        ...(mount.status === 201 ? ['third/app'] : []),
      ];
      for (const name of names) {
        const blob = await client.call('GET', `${name}/blobs/${digest}`);
        expect(blob.body.equals(bytes)).toBe(true);
        await client.call('DELETE', `${name}/blobs/${digest}`);
      }
      // Pushed last or deleted last: never a tag of nothing.
      const tags = await client.call('GET', `${client.name}/tags/list`);
      const { status } = await client.getManifest('v1');
      expect([tags.json().tags, status]).toEqual(
        status === 200 ? [['v1'], 200] : [[], 404],
      );
    }
  });
});
