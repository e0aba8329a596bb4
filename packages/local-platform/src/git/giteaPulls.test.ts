import { basic, useGitHost } from './__fixtures__/useGitHost';

const served = useGitHost();
const { call, publish } = served;

const base64 = (text: string) => Buffer.from(text).toString('base64');

async function api(method: string, path: string, body?: object) {
  const answer = await call(`/api/v1/repos/team/shop${path}`, {
    method,
    as: basic,
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : undefined };
}

describe('proposing a change over the API', () => {
  beforeEach(async () => {
    await publish('shop', { 'README.md': '# shop', 'deploy/a.yaml': 'a: 1\n' });
  });

  async function propose(branch = 'proposal', path = 'deploy/pay.yaml') {
    await api('POST', '/branches', {
      new_branch_name: branch,
      old_branch_name: 'main',
    });
    await api('POST', `/contents/${path}`, {
      branch,
      content: base64('replicas: 2\n'),
      message: 'Deploy pay',
    });
    return api('POST', '/pulls', {
      base: 'main',
      head: branch,
      title: 'Deploy pay',
      body: 'Because.',
    });
  }

  const contentOf = async (path: string, reference: string) => {
    const { status, body } = await api(
      'GET',
      `/contents/${path}?ref=${encodeURIComponent(reference)}`,
    );
    return status === 200
      ? Buffer.from(body.content, 'base64').toString()
      : status;
  };

  it('makes a branch, a file and a request, and leaves the rest as it was', async () => {
    const { status, body } = await propose('wasi/proposal');

    expect(status).toBe(201);
    expect(body).toMatchObject({
      number: 1,
      title: 'Deploy pay',
      body: 'Because.',
      state: 'open',
      merged: false,
      base: { ref: 'main' },
      head: { ref: 'wasi/proposal' },
      html_url: `${served.host.baseUrl}/team/shop/pulls/1`,
    });
    expect(await contentOf('deploy/pay.yaml', 'wasi/proposal')).toBe(
      'replicas: 2\n',
    );
    expect(await contentOf('deploy/a.yaml', 'wasi/proposal')).toBe('a: 1\n');
    expect(await contentOf('deploy/pay.yaml', 'main')).toBe(404);
    expect((await api('GET', '/pulls?state=open')).body).toEqual([body]);
    const page = await call('/team/shop/pulls/1', {
      headers: { accept: 'text/html' },
    });
    expect(await page.text()).toContain('Deploy pay');
  });

  it('makes the first commit of an empty repository', async () => {
    await served.createRepository('empty');
    const made = await call('/api/v1/repos/team/empty/contents/func.yaml', {
      method: 'POST',
      as: basic,
      body: JSON.stringify({ content: base64('name: pay'), branch: 'main' }),
    });

    expect(made.status).toBe(201);
    const read = await call('/api/v1/repos/team/empty/raw/func.yaml');
    expect(await read.text()).toBe('name: pay');
  });

  it('changes the file of an open request only as it was read', async () => {
    await propose();
    const { body } = await api('GET', '/contents/deploy/pay.yaml?ref=proposal');
    const change = {
      branch: 'proposal',
      content: base64('replicas: 3\n'),
      sha: body.sha,
    };

    expect(await api('PUT', '/contents/deploy/pay.yaml', change)).toMatchObject(
      {
        status: 200,
      },
    );
    expect(await contentOf('deploy/pay.yaml', 'proposal')).toBe(
      'replicas: 3\n',
    );
    expect(await api('PUT', '/contents/deploy/pay.yaml', change)).toMatchObject(
      {
        status: 422,
      },
    );
  });

  it('merges a request, also when its base has moved on', async () => {
    await propose();
    await api('POST', '/contents/other.txt', {
      branch: 'main',
      content: base64('meanwhile'),
    });

    expect((await api('POST', '/pulls/1/merge', { Do: 'merge' })).status).toBe(
      200,
    );
    expect(await contentOf('deploy/pay.yaml', 'main')).toBe('replicas: 2\n');
    expect(await contentOf('other.txt', 'main')).toBe('meanwhile');
    expect((await api('GET', '/pulls/1')).body).toMatchObject({
      state: 'closed',
      merged: true,
    });
    expect((await api('POST', '/pulls/1/merge', {})).status).toBe(405);
    expect((await api('PATCH', '/pulls/1', { state: 'open' })).status).toBe(
      412,
    );
  });

  it('refuses to merge what changes the same lines', async () => {
    await propose();
    await api('POST', '/contents/deploy/pay.yaml', {
      branch: 'main',
      content: base64('replicas: 9\n'),
    });

    expect((await api('POST', '/pulls/1/merge', {})).status).toBe(405);
    expect(await contentOf('deploy/pay.yaml', 'main')).toBe('replicas: 9\n');
  });

  it('closes a request and deletes its branch, and keeps the default branch', async () => {
    await propose();

    expect(await api('PATCH', '/pulls/1', { state: 'closed' })).toMatchObject({
      status: 201,
      body: { state: 'closed', merged: false },
    });
    expect((await api('DELETE', '/branches/proposal')).status).toBe(204);
    expect((await api('DELETE', '/branches/proposal')).status).toBe(404);
    expect((await api('DELETE', '/branches/main')).status).toBe(403);
    expect((await api('GET', '/pulls')).body).toEqual([]);
    expect((await api('GET', '/pulls?state=all')).body).toMatchObject([
      { number: 1, head: { ref: 'proposal', sha: '' } },
    ]);
  });

  it.each([
    ['a second request for the same branch', '/pulls', 409],
    ['a branch that exists', '/branches', 409],
    ['a file that exists', '/contents/deploy/pay.yaml', 422],
    ['a path out of the repository', '/contents/a%2f..%2f..%2fb', 422],
    ['a path into git itself', '/contents/.git/config', 422],
  ])('refuses %s', async (_what, path, status) => {
    await propose();
    const answer = await api('POST', path, {
      base: 'main',
      head: 'proposal',
      title: 'Again',
      new_branch_name: 'proposal',
      old_branch_name: 'main',
      branch: 'proposal',
      content: base64('x'),
    });

    expect(answer.status).toBe(status);
  });

  it.each(['../../etc/x', 'a..b', '-', 'x.lock', 'with space'])(
    'refuses the branch name %j or keeps it inside of the repository',
    async name => {
      const { status } = await api('POST', '/branches', {
        new_branch_name: name,
        old_branch_name: 'main',
      });

      expect([201, 422]).toContain(status);
      const { body } = await api('GET', '/branches');
      expect(body).toHaveLength(status === 201 ? 2 : 1);
    },
  );

  it('lets nobody else write', async () => {
    for (const [method, path] of [
      ['POST', '/branches'],
      ['DELETE', '/branches/main'],
      ['POST', '/contents/x'],
      ['PUT', '/contents/README.md'],
      ['POST', '/pulls'],
      ['PATCH', '/pulls/1'],
      ['POST', '/pulls/1/merge'],
    ]) {
      const answer = await call(`/api/v1/repos/team/shop${path}`, {
        method,
        body: JSON.stringify({
          new_branch_name: 'x',
          content: '',
          base: 'main',
          head: 'x',
          title: 'x',
        }),
      });
      expect([path, answer.status]).toEqual([path, 401]);
    }
  });
});
