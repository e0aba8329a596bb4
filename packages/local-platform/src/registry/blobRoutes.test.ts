import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { sha256, useRegistry } from './__fixtures__/useRegistry';

// Every push waits for the disk.
jest.setTimeout(60_000);

const served = useRegistry();
const { start, call, beginUpload, pushBlob, errorOf } = served;

describe('blobs', () => {
  const bytes = randomBytes(1000);
  const digest = sha256(bytes);

  it('are stored in one piece and read back', async () => {
    await pushBlob('team/app', bytes);
    const response = await call('GET', `/v2/team/app/blobs/${digest}`);
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    expect(response.headers.get('docker-content-digest')).toBe(digest);
    const head = await call('HEAD', `/v2/team/app/blobs/${digest}`);
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe('1000');
  });

  it('are stored with a single POST', async () => {
    const response = await call(
      'POST',
      `/v2/team/app/blobs/uploads/?digest=${digest}`,
      { body: bytes },
    );
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe(
      `/v2/team/app/blobs/${digest}`,
    );
  });

  it('are stored in chunks, in order only', async () => {
    const location = await beginUpload('team/app');
    const chunk = (from: number, to: number) =>
      call('PATCH', location, {
        body: bytes.subarray(from, to),
        headers: { 'content-range': `${from}-${to - 1}` },
      });
    const first = await chunk(0, 400);
    expect(first.status).toBe(202);
    expect(first.headers.get('range')).toBe('0-399');
    const outOfOrder = await chunk(500, 1000);
    expect(outOfOrder.status).toBe(416);
    expect(outOfOrder.headers.get('range')).toBe('0-399');
    const state = await call('GET', location);
    expect([state.status, state.headers.get('range')]).toEqual([204, '0-399']);
    const last = await call('PUT', `${location}?digest=${digest}`, {
      body: bytes.subarray(400),
      headers: { 'content-range': '400-999' },
    });
    expect(last.status).toBe(201);
    expect((await call('GET', location)).status).toBe(404);
  });

  it('take sha512 as well', async () => {
    const long = `sha512:${createHash('sha512').update(bytes).digest('hex')}`;
    const put = await call(
      'PUT',
      `${await beginUpload('team/app')}?digest=${long}`,
      { body: bytes },
    );
    expect(put.status).toBe(201);
    expect((await call('HEAD', `/v2/team/app/blobs/${long}`)).status).toBe(200);
  });

  it('are refused with another digest, and nothing is kept', async () => {
    const other = sha256(randomBytes(8));
    const response = await call(
      'PUT',
      `${await beginUpload('team/app')}?digest=${other}`,
      { body: bytes },
    );
    expect(await errorOf(response)).toEqual({
      status: 400,
      code: 'DIGEST_INVALID',
    });
    expect((await call('HEAD', `/v2/team/app/blobs/${other}`)).status).toBe(
      404,
    );
    expect(readdirSync(join(served.directory, 'temporary'))).toEqual([]);
  });

  it('go on where a broken connection left them', async () => {
    const location = await beginUpload('team/app');
    await call('PATCH', location, { body: bytes.subarray(0, 100) });
    await new Promise<void>(resolve => {
      const broken = request(`http://${served.registry.host}${location}`, {
        method: 'PATCH',
        headers: { 'content-length': '900' },
      });
      broken.on('error', () => resolve());
      broken.write(bytes.subarray(100, 300), () => broken.destroy());
    });
    let state: Response;
    do {
      state = await call('PUT', `${location}?digest=${digest}`, {
        body: bytes.subarray(100),
      });
      // 409 while the registry has not noticed yet that the other side is gone.
    } while (state.status === 409);
    expect(state.status).toBe(201);
  });

  it('are read in part', async () => {
    await pushBlob('team/app', bytes);
    const read = async (range: string) => {
      const response = await call('GET', `/v2/team/app/blobs/${digest}`, {
        headers: { range },
      });
      return {
        status: response.status,
        range: response.headers.get('content-range'),
        body: Buffer.from(await response.arrayBuffer()),
      };
    };
    expect(await read('bytes=10-19')).toEqual({
      status: 206,
      range: 'bytes 10-19/1000',
      body: bytes.subarray(10, 20),
    });
    expect(await read('bytes=990-')).toEqual({
      status: 206,
      range: 'bytes 990-999/1000',
      body: bytes.subarray(990),
    });
    expect(await read('bytes=-5')).toEqual({
      status: 206,
      range: 'bytes 995-999/1000',
      body: bytes.subarray(995),
    });
    expect(await read('bytes=1000-')).toMatchObject({
      status: 416,
      range: 'bytes */1000',
    });
  });

  it('are mounted from another repository', async () => {
    await pushBlob('team/app', bytes);
    const mounted = await call(
      'POST',
      `/v2/other/app/blobs/uploads/?mount=${digest}&from=team/app`,
    );
    expect(mounted.status).toBe(201);
    expect((await call('HEAD', `/v2/other/app/blobs/${digest}`)).status).toBe(
      200,
    );
    const unknown = await call(
      'POST',
      `/v2/other/app/blobs/uploads/?mount=${digest}&from=nobody/app`,
    );
    expect(unknown.status).toBe(202);
    expect(unknown.headers.get('location')).toMatch(
      /^\/v2\/other\/app\/blobs\/uploads\//,
    );
  });

  it('are seen in their own repository only, and go from it alone', async () => {
    await pushBlob('team/app', bytes);
    await pushBlob('other/app', bytes);
    expect((await call('GET', `/v2/third/app/blobs/${digest}`)).status).toBe(
      404,
    );
    const removed = await call('DELETE', `/v2/team/app/blobs/${digest}`);
    expect(removed.status).toBe(202);
    expect(
      await errorOf(await call('GET', `/v2/team/app/blobs/${digest}`)),
    ).toEqual({ status: 404, code: 'BLOB_UNKNOWN' });
    expect((await call('GET', `/v2/other/app/blobs/${digest}`)).status).toBe(
      200,
    );
  });

  it('are refused when they are too large', async () => {
    await served.registry.close();
    await start({ maxBlobBytes: 999 });
    const response = await call(
      'PUT',
      `${await beginUpload('team/app')}?digest=${digest}`,
      { body: bytes },
    );
    expect(await errorOf(response)).toEqual({
      status: 413,
      code: 'SIZE_INVALID',
    });
  });

  it('are sent by many at once', async () => {
    const blobs = Array.from({ length: 20 }, () => randomBytes(50_000));
    const digests = await Promise.all(
      [...blobs, ...blobs].map(blob => pushBlob('team/app', blob)),
    );
    const read = await Promise.all(
      digests.map(async one => {
        const response = await call('GET', `/v2/team/app/blobs/${one}`);
        return sha256(Buffer.from(await response.arrayBuffer()));
      }),
    );
    expect(read).toEqual(digests);
  });
});
