import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import git from 'isomorphic-git';
import http from 'isomorphic-git/http/node';
import { onAuth, useGitHost } from './__fixtures__/useGitHost';

const hasGit = spawnSync('git', ['--version']).status === 0;
const describeWithGit = hasGit ? describe : describe.skip;

// Git itself runs many processes a test.
jest.setTimeout(60_000);

const served = useGitHost();
const { createRepository, addCommit, publish } = served;

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
            HOME: served.directory,
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
    const { err, ok } = await run(served.directory, 'clone', url, name);
    expect({ err, ok }).toMatchObject({ ok: true });
    return join(served.directory, name);
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
        served.directory,
        '-c',
        `protocol.version=${version}`,
        'clone',
        url,
        name,
      );
      expect(result).toMatchObject({ ok: true });
      expect(
        (await run(join(served.directory, name), 'rev-parse', 'HEAD')).out,
      ).toBe(`${tip}\n`);
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
    const copy = join(served.directory, 'copy');
    const count = async () =>
      (await run(copy, 'rev-list', '--count', 'HEAD')).out.trim();
    expect(
      await run(served.directory, 'clone', '--depth', '1', url, 'copy'),
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
    const copy = join(served.directory, 'copy');
    await run(
      served.directory,
      'clone',
      '--depth',
      '1',
      authorized(url),
      'copy',
    );
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
