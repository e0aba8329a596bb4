import fs from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import git from 'isomorphic-git';
import http from 'isomorphic-git/http/node';
import { basic, onAuth, useGitHost } from './__fixtures__/useGitHost';

const served = useGitHost();
const { call, createRepository, workingCopy, addCommit, publish } = served;

describe("with isomorphic-git's own client", () => {
  it('gives back by clone what was pushed', async () => {
    const { url, dir } = await publish(
      'hello',
      { 'README.md': 'one' },
      { 'README.md': 'two', 'src/index.js': 'export {};\n' },
    );
    const copy = join(served.directory, 'copy');
    await git.clone({ fs, http, dir: copy, url });
    expect(await readFile(join(copy, 'README.md'), 'utf8')).toBe('two');
    expect(await git.log({ fs, dir: copy })).toEqual(
      await git.log({ fs, dir }),
    );
  });

  it('sends the newest commit only when asked for depth 1, and the rest later', async () => {
    const { url, dir } = await publish(
      'deep',
      { a: '1' },
      { a: '2' },
      { b: '3' },
    );
    const copy = join(served.directory, 'copy');
    await git.clone({ fs, http, dir: copy, url, depth: 1, singleBranch: true });
    expect(await git.log({ fs, dir: copy })).toHaveLength(1);
    expect(await readFile(join(copy, 'a'), 'utf8')).toBe('2');
    await git.fetch({ fs, http, dir: copy, depth: 10 });
    expect(await git.log({ fs, dir: copy })).toEqual(
      await git.log({ fs, dir }),
    );
  });

  it('fetches what was pushed since', async () => {
    const { url, dir } = await publish('grows', { a: '1' });
    const copy = join(served.directory, 'copy');
    await git.clone({ fs, http, dir: copy, url });
    const oid = await addCommit(dir, { b: '2' });
    await git.push({ fs, http, dir, url, onAuth });
    const { fetchHead } = await git.fetch({ fs, http, dir: copy });
    expect(fetchHead).toBe(oid);
    expect((await git.readCommit({ fs, dir: copy, oid })).commit.message).toBe(
      'add b\n',
    );
  });

  it('makes the first branch pushed the default one', async () => {
    const url = await createRepository('trunk');
    const dir = await workingCopy('work', { a: '1' });
    await git.push({ fs, http, dir, url, onAuth, remoteRef: 'trunk' });
    const response = await call('/api/v1/repos/team/trunk');
    expect(await response.json()).toMatchObject({ default_branch: 'trunk' });
  });

  it('keeps everything across a restart', async () => {
    await publish('kept', { a: '1' });
    await served.host.close();
    served.host = await served.start();
    const response = await call('/api/v1/repos/team/kept/raw/a');
    expect(await response.text()).toBe('1');
  });
});

describe('who may do what', () => {
  it('refuses a push without credentials, and takes nothing', async () => {
    const url = await createRepository('closed');
    const dir = await workingCopy('work', { a: '1' });
    await expect(git.push({ fs, http, dir, url })).rejects.toMatchObject({
      data: { statusCode: 401 },
    });
    const response = await call('/api/v1/repos/team/closed/branches');
    expect(await response.json()).toEqual([]);
  });

  it('refuses a wrong password even where none is needed', async () => {
    await createRepository('open');
    const response = await call('/api/v1/repos/team/open', {
      as: `basic ${Buffer.from('wasi:wrong').toString('base64')}`,
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic /);
  });

  it.each([
    { method: 'POST', path: '/api/v1/orgs/team/repos' },
    { method: 'POST', path: '/api/v1/user/repos' },
    { method: 'POST', path: '/api/v1/orgs' },
    { method: 'DELETE', path: '/api/v1/repos/team/open' },
    { method: 'POST', path: '/team/open.git/git-receive-pack' },
    {
      method: 'GET',
      path: '/team/open.git/info/refs?service=git-receive-pack',
    },
  ])('asks for a login before $method $path', async ({ method, path }) => {
    await createRepository('open');
    expect((await call(path, { method })).status).toBe(401);
  });

  it.each([
    '/api/v1/repos/team/secret',
    '/api/v1/repos/team/secret/contents/a',
    '/api/v1/repos/team/secret/archive/main.tar.gz',
    '/team/secret',
    '/team/secret/src/branch/main/a',
    '/team/secret/raw/branch/main/a',
  ])('hides a private repository at %s from the anonymous', async path => {
    const url = await createRepository('secret', { private: true });
    const dir = await workingCopy('work', { a: '1' });
    await git.push({ fs, http, dir, url, onAuth });
    expect((await call(path)).status).toBe(404);
    expect((await call(path, { as: basic })).status).toBe(200);
  });

  it('asks for a login before a private repository is cloned', async () => {
    const url = await createRepository('secret', { private: true });
    await expect(
      git.clone({ fs, http, dir: join(served.directory, 'copy'), url }),
    ).rejects.toMatchObject({ data: { statusCode: 401 } });
  });

  it('leaves private repositories out of the list for the anonymous', async () => {
    await createRepository('secret', { private: true });
    await createRepository('open');
    expect(await (await call('/')).text()).not.toContain('secret');
    expect(await (await call('/', { as: basic })).text()).toContain('secret');
  });
});

describe('names and paths', () => {
  it.each([
    '..',
    '.git',
    'a/b',
    'a..b',
    '-x',
    'x.git',
    '',
    'a b',
    'x'.repeat(101),
  ])('refuses to create a repository named "%s"', async name => {
    const response = await call('/api/v1/orgs/team/repos', {
      method: 'POST',
      body: JSON.stringify({ name }),
      as: basic,
    });
    expect(response.status).toBe(422);
    expect((await response.json()).message).toContain(
      'is not a repository name',
    );
  });

  it.each(['api', 'assets', '..%2f..', '%2e%2e'])(
    'refuses the owner "%s"',
    async owner => {
      const response = await call(`/api/v1/orgs/${owner}/repos`, {
        method: 'POST',
        body: JSON.stringify({ name: 'x' }),
        as: basic,
      });
      expect([404, 422]).toContain(response.status);
      expect(fs.existsSync(join(served.directory, 'x.git'))).toBe(false);
    },
  );

  it('refuses a second repository of the same name', async () => {
    await createRepository('twice');
    const response = await call('/api/v1/orgs/team/repos', {
      method: 'POST',
      body: JSON.stringify({ name: 'Twice' }),
      as: basic,
    });
    expect(response.status).toBe(409);
  });

  it.each([
    '/api/v1/repos/team/hello/contents/%2e%2e/%2e%2e/etc/passwd?ref=main',
    '/api/v1/repos/team/hello/raw/a?ref=..%2f..%2fHEAD',
    '/api/v1/repos/team/hello/git/commits/..%2f..%2fconfig',
    '/team/hello/raw/branch/main/%2e%2e%2fconfig',
  ])('reads nothing outside of the commit at %s', async path => {
    await publish('hello', { a: '1' });
    expect((await call(path)).status).toBe(404);
  });
});
