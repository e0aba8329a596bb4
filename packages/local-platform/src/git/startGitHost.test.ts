import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import git from 'isomorphic-git';
import http from 'isomorphic-git/http/node';
import tar from 'tar-stream';
import { type GitHost, startGitHost } from './startGitHost';

const account = { username: 'wasi', password: 'right horse' };
const author = { name: 'Ada', email: 'ada@example.com' };
const onAuth = () => account;
const basic = `basic ${Buffer.from('wasi:right horse').toString('base64')}`;
const hasGit = spawnSync('git', ['--version']).status === 0;

// Git itself runs many processes a test.
jest.setTimeout(60_000);

let directory: string;
let host: GitHost;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'git-host-'));
  host = await start();
});

afterEach(async () => {
  await host.close();
  await rm(directory, { recursive: true, force: true });
});

function start(options: { maxPushBytes?: number } = {}) {
  return startGitHost({
    directory: join(directory, 'git'),
    port: 0,
    ...account,
    ...options,
  });
}

async function call(path: string, init: RequestInit & { as?: string } = {}) {
  const { as, ...rest } = init;
  return fetch(`${host.baseUrl}${path}`, {
    ...rest,
    headers: {
      ...(as ? { authorization: as } : {}),
      ...(init.body ? { 'content-type': 'application/json' } : {}),
      ...init.headers,
    },
  });
}

async function createRepository(name: string, more: object = {}) {
  const response = await call('/api/v1/orgs/team/repos', {
    method: 'POST',
    body: JSON.stringify({ name, ...more }),
    as: basic,
  });
  expect(response.status).toBe(201);
  return `${host.baseUrl}/team/${name}.git`;
}

/** A working copy with one commit a file set, on branch main. */
async function workingCopy(name: string, ...commits: Record<string, string>[]) {
  const dir = join(directory, name);
  await git.init({ fs, dir, defaultBranch: 'main' });
  for (const files of commits) {
    await addCommit(dir, files);
  }
  return dir;
}

async function addCommit(dir: string, files: Record<string, string>) {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), content);
    await git.add({ fs, dir, filepath: path });
  }
  return git.commit({ fs, dir, message: `add ${Object.keys(files)}`, author });
}

/** A published repository `team/<name>`. */
async function publish(name: string, ...commits: Record<string, string>[]) {
  const url = await createRepository(name);
  const dir = await workingCopy(`work-${name}`, ...commits);
  await git.push({ fs, http, dir, url, onAuth });
  return { url, dir };
}

describe("with isomorphic-git's own client", () => {
  it('gives back by clone what was pushed', async () => {
    const { url, dir } = await publish(
      'hello',
      { 'README.md': 'one' },
      { 'README.md': 'two', 'src/index.js': 'export {};\n' },
    );
    const copy = join(directory, 'copy');
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
    const copy = join(directory, 'copy');
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
    const copy = join(directory, 'copy');
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
    await host.close();
    host = await start();
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
      git.clone({ fs, http, dir: join(directory, 'copy'), url }),
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
      expect(fs.existsSync(join(directory, 'x.git'))).toBe(false);
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

describe('pushes that are refused', () => {
  async function push(name: string, body: Buffer) {
    const response = await call(`/team/${name}.git/git-receive-pack`, {
      method: 'POST',
      body: new Uint8Array(body),
      as: basic,
    });
    return { status: response.status, text: await response.text() };
  }
  const packet = (line: string) =>
    Buffer.from(`${(line.length + 4).toString(16).padStart(4, '0')}${line}`);
  const zero = '0'.repeat(40);
  const command = (before: string, after: string, reference: string) =>
    Buffer.concat([
      packet(`${before} ${after} ${reference}\0report-status`),
      Buffer.from('0000'),
    ]);

  async function packOf(dir: string, oids: string[]) {
    const { packfile } = await git.packObjects({ fs, dir, oids });
    return Buffer.from(packfile!);
  }

  it('refuses a pack that was cut off, and names it', async () => {
    await createRepository('bad');
    const dir = await workingCopy('work', { a: '1' });
    const tip = await git.resolveRef({ fs, dir, ref: 'main' });
    const pack = await packOf(dir, [tip]);
    const { text } = await push(
      'bad',
      Buffer.concat([
        command(zero, tip, 'refs/heads/main'),
        pack.subarray(0, pack.length - 3),
      ]),
    );
    expect(text).toContain('unpack the pack was damaged or cut off on the way');
    expect(text).toContain('ng refs/heads/main unpacker error');
  });

  it('refuses a commit whose tree was not sent, and keeps no pack', async () => {
    await createRepository('bad');
    const dir = await workingCopy('work', { a: '1' });
    const tip = await git.resolveRef({ fs, dir, ref: 'main' });
    const { text } = await push(
      'bad',
      Buffer.concat([
        command(zero, tip, 'refs/heads/main'),
        await packOf(dir, [tip]),
      ]),
    );
    expect(text).toContain('ng refs/heads/main missing necessary objects');
    expect(
      fs.readdirSync(join(directory, 'git/team/bad.git/objects/pack')),
    ).toEqual([]);
  });

  it('refuses to move a branch that somebody else moved', async () => {
    const { dir } = await publish('moved', { a: '1' });
    const tip = await git.resolveRef({ fs, dir, ref: 'main' });
    const { text } = await push(
      'moved',
      command('1'.repeat(40), tip, 'refs/heads/main'),
    );
    expect(text).toContain('ng refs/heads/main the reference was changed');
  });

  it.each(['refs/../config', 'HEAD', 'refs/heads/a..b', 'refs/heads/x.lock'])(
    'refuses the reference name "%s"',
    async reference => {
      const { dir } = await publish('names', { a: '1' });
      const tip = await git.resolveRef({ fs, dir, ref: 'main' });
      const { text } = await push('names', command(zero, tip, reference));
      expect(text).toContain(`ng ${reference} funny refname`);
    },
  );

  it('refuses to delete the default branch and deletes another one', async () => {
    const { dir, url } = await publish('branches', { a: '1' });
    const tip = await git.resolveRef({ fs, dir, ref: 'main' });
    await git.push({ fs, http, dir, url, onAuth, remoteRef: 'extra' });
    expect(
      (await push('branches', command(tip, zero, 'refs/heads/main'))).text,
    ).toContain('ng refs/heads/main the default branch cannot be deleted');
    expect(
      (await push('branches', command(tip, zero, 'refs/heads/extra'))).text,
    ).toContain('ok refs/heads/extra');
    const response = await call('/api/v1/repos/team/branches/branches');
    expect(await response.json()).toEqual([
      { name: 'main', commit: { id: tip, message: 'add a\n' } },
    ]);
  });

  it('refuses a push beyond the limit', async () => {
    await host.close();
    host = await start({ maxPushBytes: 100 });
    await createRepository('big');
    expect((await push('big', Buffer.alloc(101))).status).toBe(413);
  });

  it.each(['nonsense', '0003', 'ffff12', '0008have'])(
    'answers 400 to the body "%s"',
    async body => {
      await createRepository('odd');
      expect((await push('odd', Buffer.from(body))).status).toBe(400);
    },
  );
});

describe("Gitea's API", () => {
  it('answers what the URL reader asks for', async () => {
    const { dir } = await publish('api', {
      'catalog-info.yaml': 'kind: Component\n',
      'docs/one.md': '# one',
    });
    const tip = await git.resolveRef({ fs, dir, ref: 'main' });
    const file = await call(
      '/api/v1/repos/team/api/contents/catalog-info.yaml?ref=main',
      { as: basic },
    );
    expect(await file.json()).toMatchObject({
      type: 'file',
      path: 'catalog-info.yaml',
      encoding: 'base64',
      content: Buffer.from('kind: Component\n').toString('base64'),
    });
    const folder = await call('/api/v1/repos/team/api/contents/?ref=main');
    expect(await folder.json()).toMatchObject([
      { name: 'catalog-info.yaml', path: 'catalog-info.yaml', type: 'file' },
      { name: 'docs', path: 'docs', type: 'dir' },
    ]);
    const commit = await call('/api/v1/repos/team/api/git/commits/main');
    expect(await commit.json()).toMatchObject({ sha: tip, parents: [] });
    const log = await call('/api/v1/repos/team/api/commits?sha=main');
    expect(await log.json()).toMatchObject([{ sha: tip }]);
    const branch = await call('/api/v1/repos/team/api/branches/main');
    expect(await branch.json()).toMatchObject({
      name: 'main',
      commit: { id: tip },
    });
  });

  it('packs a commit with modes and links as tar.gz', async () => {
    const url = await createRepository('archive');
    const dir = await workingCopy('work', { 'bin/run': '#!/bin/sh\n' });
    await chmod(join(dir, 'bin/run'), 0o755);
    await symlink('bin/run', join(dir, 'start'));
    await git.add({ fs, dir, filepath: ['bin/run', 'start'] });
    await git.commit({ fs, dir, message: 'modes', author });
    await git.push({ fs, http, dir, url, onAuth });
    const response = await call(
      '/api/v1/repos/team/archive/archive/main.tar.gz',
    );
    const archive = gunzipSync(Buffer.from(await response.arrayBuffer()));
    const entries: object[] = [];
    const reader = tar.extract();
    reader.end(archive);
    for await (const entry of reader) {
      entry.resume();
      const { linkname, mode, name, type } = entry.header;
      entries.push({ name, type, linkname, mode });
    }
    expect(entries).toEqual([
      { name: 'archive/bin/run', type: 'file', linkname: null, mode: 0o755 },
      {
        name: 'archive/start',
        type: 'symlink',
        linkname: 'bin/run',
        mode: 0o644,
      },
    ]);
  });

  it.each([
    { path: '/api/v1/repos/team/none', says: 'no repository team/none' },
    { path: '/api/v1/repos/team/api/contents/none', says: 'no "none"' },
    {
      path: '/api/v1/repos/team/api/git/commits/none',
      says: 'named "none"',
    },
    { path: '/api/v1/repos/team/api/branches/none', says: 'no branch "none"' },
    { path: '/api/v1/nothing', says: 'has no GET /nothing' },
  ])('answers 404 with the reason at $path', async ({ path, says }) => {
    await publish('api', { a: '1' });
    const response = await call(path);
    expect(response.status).toBe(404);
    expect((await response.json()).message).toContain(says);
  });

  it('deletes a repository, and no other', async () => {
    await publish('gone', { a: '1' });
    await publish('stays', { a: '1' });
    const response = await call('/api/v1/repos/team/gone', {
      method: 'DELETE',
      as: basic,
    });
    expect(response.status).toBe(204);
    expect((await call('/api/v1/repos/team/gone')).status).toBe(404);
    expect((await call('/api/v1/repos/team/stays')).status).toBe(200);
  });
});

describe('pages', () => {
  it('shows folders and files, and escapes what they say', async () => {
    await publish('page', {
      'README.md': '<script>alert(1)</script>',
      'src/<b>.js': 'let a = "&";',
    });
    const root = await call('/team/page');
    const text = await root.text();
    expect(root.status).toBe(200);
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).toContain('href="/team/page/src/branch/main/src"');
    expect(root.headers.get('content-security-policy')).toContain(
      "default-src 'none'",
    );
    const file = await call('/team/page/src/branch/main/src/%3Cb%3E.js');
    expect(await file.text()).toContain('let a = &quot;&amp;&quot;;');
  });

  it('answers the address that publish:gitea polls once a commit is there', async () => {
    const url = await createRepository('polled');
    const path = '/team/polled/src/branch/main';
    expect((await call(path)).status).toBe(404);
    const dir = await workingCopy('work', { a: '1' });
    await git.push({ fs, http, dir, url, onAuth });
    expect((await call(path)).status).toBe(200);
  });

  it('serves raw files as text that no browser runs', async () => {
    await publish('raw', { 'page.html': '<script></script>' });
    const response = await call('/team/raw/raw/branch/main/page.html');
    expect(response.headers.get('content-type')).toBe(
      'text/plain; charset=utf-8',
    );
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.text()).toBe('<script></script>');
  });
});

const describeWithGit = hasGit ? describe : describe.skip;

describeWithGit('with the git command (needs git)', () => {
  // Not spawnSync: the git host answers from this very process.
  function run(cwd: string, ...args: string[]) {
    return new Promise<{ ok: boolean; out: string; err: string }>(resolve => {
      execFile(
        'git',
        args,
        {
          cwd,
          env: {
            PATH: process.env.PATH,
            HOME: directory,
            GIT_CONFIG_NOSYSTEM: '1',
            GIT_TERMINAL_PROMPT: '0',
            GIT_AUTHOR_NAME: 'Ada',
            GIT_AUTHOR_EMAIL: 'ada@example.com',
            GIT_COMMITTER_NAME: 'Ada',
            GIT_COMMITTER_EMAIL: 'ada@example.com',
          },
        },
        (error, out, err) => resolve({ ok: !error, out, err }),
      );
    });
  }
  const authorized = (url: string) =>
    url.replace('http://', `http://wasi:${encodeURIComponent('right horse')}@`);

  async function gitCopy(name: string, url: string) {
    const { err, ok } = await run(directory, 'clone', url, name);
    expect({ err, ok }).toMatchObject({ ok: true });
    return join(directory, name);
  }

  it('pushes, clones and pulls, with tags and more objects than one request names', async () => {
    const url = authorized(await createRepository('real'));
    const first = await gitCopy('first', url);
    for (let index = 0; index < 40; index += 1) {
      await run(first, 'commit', '--allow-empty', '-m', `commit ${index}`);
    }
    await run(first, 'branch', '-M', 'main');
    await run(first, 'tag', '-a', 'v1', '-m', 'first');
    expect(
      await run(first, 'push', '--follow-tags', 'origin', 'main'),
    ).toMatchObject({ ok: true });

    const second = await gitCopy('second', url);
    expect((await run(second, 'tag')).out).toBe('v1\n');
    expect((await run(second, 'fsck', '--full')).ok).toBe(true);
    await writeFile(join(second, 'new'), 'x'.repeat(200_000));
    await run(second, 'add', '.');
    await run(second, 'commit', '-m', 'from the second');
    expect(await run(second, 'push')).toMatchObject({ ok: true });

    await writeFile(join(first, 'other'), 'unseen');
    await run(first, 'add', '.');
    await run(first, 'commit', '-m', 'local work');
    expect(
      await run(first, 'pull', '--rebase', 'origin', 'main'),
    ).toMatchObject({ ok: true });
    expect((await run(first, 'log', '--format=%s', '-2')).out).toBe(
      'local work\nfrom the second\n',
    );
    expect((await run(first, 'fsck', '--full')).ok).toBe(true);
  });

  it('clones without an account, at any protocol version', async () => {
    const { dir, url } = await publish('public', { a: '1' }, { a: '2' });
    const tip = await git.resolveRef({ fs, dir, ref: 'main' });
    for (const version of ['0', '1', '2']) {
      const name = `version-${version}`;
      const result = await run(
        directory,
        '-c',
        `protocol.version=${version}`,
        'clone',
        url,
        name,
      );
      expect(result).toMatchObject({ ok: true });
      expect((await run(join(directory, name), 'rev-parse', 'HEAD')).out).toBe(
        `${tip}\n`,
      );
    }
  });

  it('clones shallow, deepens and gets the whole history', async () => {
    const { url } = await publish(
      'shallow',
      { a: '1' },
      { a: '2' },
      { b: '3' },
      { b: '4' },
    );
    const copy = join(directory, 'copy');
    const count = async () =>
      (await run(copy, 'rev-list', '--count', 'HEAD')).out.trim();
    expect(
      await run(directory, 'clone', '--depth', '1', url, 'copy'),
    ).toMatchObject({ ok: true });
    expect(await count()).toBe('1');
    expect(await run(copy, 'fetch', '--depth', '3')).toMatchObject({
      ok: true,
    });
    expect(await count()).toBe('3');
    expect(await run(copy, 'fetch', '--unshallow')).toMatchObject({ ok: true });
    expect(await count()).toBe('4');
    expect((await run(copy, 'fsck', '--full')).ok).toBe(true);
  });

  it('fetches into a shallow clone what came since, and pushes from it', async () => {
    const { dir, url } = await publish('shallow', { a: '1' }, { a: '2' });
    const copy = join(directory, 'copy');
    await run(directory, 'clone', '--depth', '1', authorized(url), 'copy');
    await addCommit(dir, { b: '3' });
    await git.push({ fs, http, dir, url, onAuth });
    expect(await run(copy, 'pull')).toMatchObject({ ok: true });
    expect((await run(copy, 'rev-list', '--count', 'HEAD')).out).toBe('2\n');
    await writeFile(join(copy, 'c'), '4');
    await run(copy, 'add', '.');
    await run(copy, 'commit', '-m', 'from the shallow one');
    expect(await run(copy, 'push')).toMatchObject({ ok: true });
    expect((await run(copy, 'fsck', '--full')).ok).toBe(true);
  });

  it('refuses a push that is no fast-forward unless forced, and deletes branches', async () => {
    const { url } = await publish('force', { a: '1' }, { a: '2' });
    const copy = await gitCopy('copy', authorized(url));
    await run(copy, 'reset', '--hard', 'HEAD~1');
    await writeFile(join(copy, 'b'), '1');
    await run(copy, 'add', '.');
    await run(copy, 'commit', '-m', 'another way');
    expect(await run(copy, 'push')).toMatchObject({ ok: false });
    expect(await run(copy, 'push', '--force')).toMatchObject({ ok: true });
    expect(
      await run(copy, 'push', 'origin', 'HEAD:refs/heads/extra'),
    ).toMatchObject({ ok: true });
    expect(
      await run(copy, 'push', 'origin', '--delete', 'extra'),
    ).toMatchObject({ ok: true });
    expect(
      (await run(copy, 'ls-remote', '--heads', 'origin')).out
        .trim()
        .split('\n'),
    ).toHaveLength(1);
  });

  it('tells the person at the keyboard why a push is refused', async () => {
    const { url } = await publish('closed', { a: '1' });
    const copy = await gitCopy('copy', url);
    const { err, ok } = await run(copy, 'push');
    expect(ok).toBe(false);
    expect(err).toMatch(/could not read Username|Authentication failed/);
  });

  it('takes a push that is larger than git sends in one piece', async () => {
    const url = authorized(await createRepository('large'));
    const copy = await gitCopy('copy', url);
    await writeFile(join(copy, 'blob'), randomBytes(3 * 1024 * 1024));
    await run(copy, 'add', '.');
    await run(copy, 'commit', '-m', 'large');
    expect(await run(copy, 'push', 'origin', 'HEAD:main')).toMatchObject({
      ok: true,
    });
    const again = await gitCopy('again', url);
    expect(
      (await readFile(join(again, 'blob'))).equals(
        await readFile(join(copy, 'blob')),
      ),
    ).toBe(true);
  });
});
