import fs from 'node:fs';
import { chmod, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import git from 'isomorphic-git';
import http from 'isomorphic-git/http/node';
import tar from 'tar-stream';
import { author, basic, onAuth, useGitHost } from './__fixtures__/useGitHost';

const { call, createRepository, workingCopy, publish } = useGitHost();

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
