import fs from 'node:fs';
import { join } from 'node:path';
import git from 'isomorphic-git';
import http from 'isomorphic-git/http/node';
import { basic, onAuth, useGitHost } from './__fixtures__/useGitHost';

const served = useGitHost();
const { call, createRepository, workingCopy, publish } = served;

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
      fs.readdirSync(join(served.directory, 'git/team/bad.git/objects/pack')),
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
    await served.host.close();
    served.host = await served.start({ maxPushBytes: 100 });
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
