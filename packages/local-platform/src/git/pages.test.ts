import fs from 'node:fs';
import git from 'isomorphic-git';
import http from 'isomorphic-git/http/node';
import { onAuth, useGitHost } from './__fixtures__/useGitHost';

const { call, createRepository, workingCopy, publish } = useGitHost();

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
