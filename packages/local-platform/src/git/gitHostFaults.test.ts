import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import git from 'isomorphic-git';
import http from 'isomorphic-git/http/node';
import {
  canMountSmallDisk,
  fillDisk,
  mountSmallDisk,
  unmount,
} from '../registry/__fixtures__/smallDisk';
import { startGitHost, type GitHost } from './startGitHost';

const account = { username: 'wasi', password: 'secret' };
const authorization = `Basic ${Buffer.from('wasi:secret').toString('base64')}`;

jest.setTimeout(120_000);

let root: string;
let directory: string;
let host: GitHost;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'git-host-faults-'));
  directory = join(root, 'git');
  await mkdir(directory);
  host = await start();
});

afterEach(async () => {
  await host.close();
  await rm(root, { recursive: true, force: true });
});

function start(options: { maxPushBytes?: number } = {}): Promise<GitHost> {
  return startGitHost({ directory, port: 0, ...account, ...options });
}

async function createRepository(): Promise<void> {
  expect((await create()).status).toBe(201);
}

function create(name = 'app'): Promise<Response> {
  return fetch(`${host.baseUrl}/api/v1/orgs/team/repos`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
}

async function workingCopy(name: string): Promise<string> {
  const dir = join(root, name);
  await git.init({ fs, dir, defaultBranch: 'main' });
  return dir;
}

async function commit(dir: string, file: string, content: string | Buffer) {
  await writeFile(join(dir, file), content);
  await git.add({ fs, dir, filepath: file });
  return git.commit({
    fs,
    dir,
    message: file,
    author: { name: 'Ada', email: 'ada@example.com' },
  });
}

const push = (
  dir: string,
  ref = 'main',
  remoteRef = ref,
  baseUrl = host.baseUrl,
) =>
  git.push({
    fs,
    http,
    dir,
    ref,
    remoteRef,
    url: `${baseUrl}/team/app.git`,
    onAuth: () => account,
  });

/** The branch as a fresh clone has it, with every object below it. */
async function cloned(): Promise<string[]> {
  const dir = await mkdtemp(join(root, 'clone-'));
  await git.clone({ fs, http, dir, url: `${host.baseUrl}/team/app.git` });
  return (await git.log({ fs, dir })).map(({ oid }) => oid);
}

/** What the host says of the pack of a push. */
async function unpackError(pushing: Promise<unknown>): Promise<string> {
  return pushing.then(
    () => 'none',
    reason => reason.data.result.error,
  );
}

const inRepository = (...path: string[]) =>
  join(directory, 'team/app.git', ...path);

describe('a git host that is killed in the middle of a push', () => {
  it.each([
    { point: 'before the pack is in its place', rename: 1 },
    { point: 'between the pack and its index', rename: 2 },
    { point: 'between the objects and the branch', rename: 3 },
  ])('$point, has the branch as it was', async ({ rename }) => {
    await createRepository();
    const dir = await workingCopy('work');
    const first = await commit(dir, 'a', 'one');
    await push(dir);
    const second = await commit(dir, 'a', 'two');
    await host.close();

    const child = spawn(
      process.execPath,
      [
        join(__dirname, '__fixtures__/gitHostProcess.js'),
        directory,
        `${rename}`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = once(child, 'exit');
    const [baseUrl] = await once(child.stdout, 'data');
    await expect(
      push(dir, 'main', 'main', String(baseUrl).trim()),
    ).rejects.toThrow();
    await ended;

    host = await start();
    expect(await cloned()).toEqual([first]);
    expect(fs.existsSync(inRepository('incoming'))).toBe(false);
    const files = await readdir(inRepository('objects/pack'));
    expect(files.filter(file => file.endsWith('.pack'))).toHaveLength(
      files.filter(file => file.endsWith('.idx')).length,
    );

    await push(dir);
    expect(await cloned()).toEqual([second, first]);
  });

  it('takes away what was made or deleted in part, and makes it anew', async () => {
    await createRepository();
    await host.close();
    for (const left of ['app.git.gone', 'other.git.new']) {
      await mkdir(join(directory, 'team', left, 'objects'), {
        recursive: true,
      });
    }
    host = await start();
    expect(await readdir(join(directory, 'team'))).toEqual(['app.git']);

    const deleted = await fetch(`${host.baseUrl}/api/v1/repos/team/app`, {
      method: 'DELETE',
      headers: { authorization },
    });
    expect(deleted.status).toBe(204);
    expect(await readdir(join(directory, 'team'))).toEqual([]);
    await createRepository();
  });
});

describe('pushes to the git host', () => {
  it('at once to one branch: one gets it, the other is told, and keeps nothing there', async () => {
    await createRepository();
    const copies = [await workingCopy('one'), await workingCopy('two')];
    const tips = [
      await commit(copies[0], 'a', 'mine'),
      await commit(copies[1], 'a', 'yours'),
    ];

    const outcomes = await Promise.allSettled(copies.map(dir => push(dir)));

    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
    expect(outcomes.map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'rejected',
    ]);
    // Told by the host, or by the own client where the other was seen in time.
    expect(String(outcomes.map(one => 'reason' in one && one.reason))).toMatch(
      /changed by somebody else|not a simple fast-forward/,
    );
    expect(await cloned()).toEqual([tips[winner]]);
    expect(await readdir(inRepository('objects/pack'))).toHaveLength(2);
  });

  it('may name a branch like the folder of one that was deleted', async () => {
    await createRepository();
    const dir = await workingCopy('work');
    await commit(dir, 'a', 'one');
    await push(dir);
    await push(dir, 'main', 'feature/x');
    await git.push({
      fs,
      http,
      dir,
      url: `${host.baseUrl}/team/app.git`,
      onAuth: () => account,
      ref: 'main',
      remoteRef: 'feature/x',
      delete: true,
    });

    // From elsewhere: the client's own notes have the same folder.
    const other = await workingCopy('other');
    const tip = await commit(other, 'a', 'two');
    await push(other, 'main', 'feature');

    expect(fs.readFileSync(inRepository('refs/heads/feature'), 'utf8')).toBe(
      `${tip}\n`,
    );
  });

  it('that unfold to more than the limit are refused, and keep nothing', async () => {
    await host.close();
    host = await start({ maxPushBytes: 1_000_000 });
    await createRepository();
    const dir = await workingCopy('work');
    await commit(dir, 'zeros', Buffer.alloc(1_000_001));
    expect(await unpackError(push(dir))).toBe(
      'the pack holds an object of 1000001 bytes, more than the 1000000 that are taken',
    );

    const many = await workingCopy('many');
    for (let count = 0; count < 11; count += 1) {
      await commit(many, `${count}`, Buffer.alloc(999_900, count));
    }
    expect(await unpackError(push(many))).toMatch(
      /^the pack holds objects of \d+ bytes, more than the 10000000 that are taken$/,
    );
    expect(await readdir(inRepository('objects/pack'))).toEqual([]);
    expect(fs.existsSync(inRepository('incoming'))).toBe(false);
  });
});

(canMountSmallDisk() ? describe : describe.skip)(
  'a git host whose disk is full (needs root, to mount a small one)',
  () => {
    beforeEach(async () => {
      await host.close();
      mountSmallDisk(directory);
      host = await start();
    });

    afterEach(async () => {
      await host.close();
      unmount(directory);
      // For the hook of all tests.
      host = await start();
    });

    it('says so, keeps what it has, and takes the push when there is room', async () => {
      await createRepository();
      const dir = await workingCopy('work');
      const first = await commit(dir, 'a', 'one');
      await push(dir);
      const filled = fillDisk(directory);
      const second = await commit(dir, 'a', randomBytes(100_000));

      await expect(push(dir)).rejects.toMatchObject({
        data: { statusCode: 507 },
      });
      const refusal = await create('another');
      expect([refusal.status, await refusal.json()]).toEqual([
        507,
        {
          message:
            "The git host's disk is full: free some space there and try again.",
        },
      ]);
      expect(await readdir(join(directory, 'team'))).toEqual(['app.git']);

      expect(await cloned()).toEqual([first]);
      expect(await readdir(inRepository('objects/pack'))).toHaveLength(2);
      expect(fs.existsSync(inRepository('incoming'))).toBe(false);
      await rm(filled, { recursive: true });
      await push(dir);
      expect(await cloned()).toEqual([second, first]);
    });
  },
);
