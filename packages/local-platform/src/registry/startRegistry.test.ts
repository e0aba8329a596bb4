import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { useRegistry } from './__fixtures__/useRegistry';

// Every push waits for the disk.
jest.setTimeout(60_000);

const served = useRegistry();
const { start, call, errorOf } = served;

describe('startRegistry', () => {
  it('answers the version check', async () => {
    const response = await call('GET', '/v2/');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({});
  });

  it.each([
    ['GET', '/v2/..%2f..%2f..%2fetc/manifests/passwd', 400],
    ['GET', '/v2/team/%2e%2e%2f%2e%2e/tags/list', 400],
    ['PUT', '/v2/team/app/manifests/..%2fv1', 404],
    ['PUT', '/v2/team/app/manifests/.hidden', 400],
    ['GET', '/v2/team/app/blobs/sha256:..%2f..%2fx', 404],
    ['GET', '/v2/_tags/manifests/x', 400],
    ['GET', '/v2/Team/app/tags/list', 400],
    ['GET', `/v2/${'a'.repeat(256)}/tags/list`, 400],
    ['GET', '/v2/team/%zz/tags/list', 400],
    ['PATCH', '/v2/team/app/blobs/uploads/..%2f..%2fx', 404],
    ['GET', '/elsewhere', 404],
  ])('lets nobody out of its folder: %s %s', async (method, path, status) => {
    // Not fetch, which would tidy the path up.
    const answered = await new Promise<number | undefined>(resolve => {
      request(`http://${served.registry.host}`, { method, path }, response => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(answered).toBe(status);
    expect(readdirSync(served.directory).sort()).toEqual([
      'blobs',
      'repositories',
      'temporary',
    ]);
    expect(readdirSync(join(served.directory, 'repositories'))).toEqual([]);
  });

  it('refuses methods that make no sense', async () => {
    const response = await call('POST', '/v2/team/app/tags/list');
    expect(response.headers.get('allow')).toBe('GET');
    expect(await errorOf(response)).toEqual({
      status: 405,
      code: 'UNSUPPORTED',
    });
  });

  describe('with an account', () => {
    const login = (account: string) => ({
      headers: {
        authorization: `Basic ${Buffer.from(account).toString('base64')}`,
      },
    });
    const credentials = { username: 'me', password: 'pass:word' };

    it('lets in who has it, and nobody else', async () => {
      await served.registry.close();
      await start({ credentials });
      const anonymous = await call('GET', '/v2/');
      expect(anonymous.headers.get('www-authenticate')).toMatch(
        /^Basic realm=/,
      );
      expect(await errorOf(anonymous)).toEqual({
        status: 401,
        code: 'UNAUTHORIZED',
      });
      for (const account of ['me:wrong', 'me:', 'you:pass:word', '']) {
        expect((await call('GET', '/v2/', login(account))).status).toBe(401);
      }
      expect((await call('GET', '/v2/', login('me:pass:word'))).status).toBe(
        200,
      );
    });

    it('may let everybody read', async () => {
      await served.registry.close();
      await start({ credentials: { ...credentials, anonymousPull: true } });
      const read = await call('GET', '/v2/a/tags/list');
      expect(await errorOf(read)).toEqual({
        status: 404,
        code: 'NAME_UNKNOWN',
      });
      // Else docker and skopeo would not know that there is an account.
      expect((await call('GET', '/v2/')).status).toBe(401);
      expect((await call('POST', '/v2/a/blobs/uploads/')).status).toBe(401);
      expect((await call('GET', '/v2/', login('me:wrong'))).status).toBe(401);
    });
  });
});
