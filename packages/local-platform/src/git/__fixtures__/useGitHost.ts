import fs from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import git from 'isomorphic-git';
import http from 'isomorphic-git/http/node';
import { startGitHost, type GitHost } from '../startGitHost';

export const account = { username: 'wasi', password: 'right horse' };
export const author = { name: 'Ada', email: 'ada@example.com' };
export const onAuth = () => account;
export const basic = `basic ${Buffer.from('wasi:right horse').toString(
  'base64',
)}`;

/** For the tests of the file that calls it: a git host for each, and a folder for working copies. */
export function useGitHost() {
  const served = {
    directory: '',
    host: {} as GitHost,
    start,
    call,
    createRepository,
    workingCopy,
    addCommit,
    publish,
  };

  beforeEach(async () => {
    served.directory = await mkdtemp(join(tmpdir(), 'git-host-'));
    served.host = await start();
  });

  afterEach(async () => {
    await served.host.close();
    await rm(served.directory, { recursive: true, force: true });
  });

  function start(options: { maxPushBytes?: number } = {}) {
    return startGitHost({
      directory: join(served.directory, 'git'),
      port: 0,
      ...account,
      ...options,
    });
  }

  async function call(path: string, init: RequestInit & { as?: string } = {}) {
    const { as, ...rest } = init;
    return fetch(`${served.host.baseUrl}${path}`, {
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
    return `${served.host.baseUrl}/team/${name}.git`;
  }

  /** A working copy with one commit a file set, on branch main. */
  async function workingCopy(
    name: string,
    ...commits: Record<string, string>[]
  ) {
    const dir = join(served.directory, name);
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
    return git.commit({
      fs,
      dir,
      message: `add ${Object.keys(files)}`,
      author,
    });
  }

  /** A published repository `team/<name>`. */
  async function publish(name: string, ...commits: Record<string, string>[]) {
    const url = await createRepository(name);
    const dir = await workingCopy(`work-${name}`, ...commits);
    await git.push({ fs, http, dir, url, onAuth });
    return { url, dir };
  }

  return served;
}
