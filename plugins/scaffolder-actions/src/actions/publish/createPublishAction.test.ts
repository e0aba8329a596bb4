import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigReader } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import { initRepoAndPush } from '@backstage/plugin-scaffolder-node';
import { actionContexts } from '../../__testUtils__/actionContext';
import { createPublishAction } from '.';

const context = actionContexts();

let gitea: Server;
let host: string;
let repositories: Map<string, { message?: string }>;
let refuse: number | undefined;
let requests: string[];

beforeEach(async () => {
  repositories = new Map();
  refuse = undefined;
  requests = [];
  gitea = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const answer = (status: number, body: object = {}) =>
      response.writeHead(status).end(JSON.stringify(body));
    if (refuse) {
      answer(refuse);
      return;
    }
    const [, name, branch] =
      /^\/api\/v1\/repos\/functions\/([^/]+)(?:\/branches\/(main))?$/.exec(
        request.url!,
      ) ?? [];
    const repository = repositories.get(name);
    if (request.method === 'POST') {
      let body = '';
      request.on('data', chunk => {
        body += chunk;
      });
      request.on('end', () => {
        const created = JSON.parse(body).name;
        answer(repositories.has(created) ? 409 : 201);
        if (!repositories.has(created)) {
          repositories.set(created, {});
        }
      });
    } else if (!repository || (branch && !repository.message)) {
      answer(404);
    } else {
      answer(200, { commit: { id: 'abc123', message: repository.message } });
    }
  });
  await new Promise<void>(resolve => gitea.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(gitea.address() as AddressInfo).port}`;
});

afterEach(async () => {
  gitea.closeAllConnections();
  await new Promise(resolve => gitea.close(resolve));
});

function publish(push: typeof initRepoAndPush) {
  const config = new ConfigReader({
    integrations: {
      gitea: [
        { host, baseUrl: `http://${host}`, username: 'u', password: 'secret' },
      ],
    },
    scaffolder: { defaultCommitMessage: 'Generate the function' },
  });
  return createPublishAction({
    config,
    integrations: ScmIntegrations.fromConfig(config),
    push,
  });
}

/** Git, as far as the fake host is concerned. */
const pushes: typeof initRepoAndPush = async ({ commitMessage }) => {
  repositories.set('hello', { message: commitMessage });
  return { commitHash: 'abc123' };
};

const killed: typeof initRepoAndPush = async () => {
  throw new Error('killed');
};

const run = () =>
  context({ input: { repoUrl: `${host}?owner=functions&repo=hello` } });

describe('wasi:repository:publish', () => {
  it('publishes to a new repository, and names its addresses', async () => {
    const { ctx, outputs } = await run();

    await publish(pushes).handler(ctx);

    expect(outputs).toEqual({
      remoteUrl: `http://${host}/functions/hello.git`,
      repoContentsUrl: `http://${host}/functions/hello/src/branch/main/`,
      commitHash: 'abc123',
    });
    expect(repositories.get('hello')?.message).toMatch(
      /^Generate the function\n\nScaffolder-Task: \S+$/,
    );
  });

  it('goes on where it was killed between creating the repository and pushing', async () => {
    const { ctx, outputs } = await run();
    await expect(publish(killed).handler(ctx)).rejects.toThrow('killed');
    expect([...repositories]).toEqual([['hello', {}]]);

    await publish(pushes).handler(ctx);

    expect(outputs.commitHash).toBe('abc123');
  });

  it('pushes nothing twice where it was killed after the push', async () => {
    const { ctx, outputs } = await run();
    await publish(pushes).handler(ctx);
    outputs.commitHash = undefined;

    await publish(killed).handler(ctx);

    expect(outputs.commitHash).toBe('abc123');
  });

  it('leaves a repository alone that was there before, in the first attempt and in the next', async () => {
    repositories.set('hello', {});
    const { ctx } = await run();

    const action = publish(pushes);
    const attempts = [() => action.handler(ctx), () => action.handler(ctx)];
    for (const attempt of attempts) {
      await expect(attempt()).rejects.toMatchObject({
        code: 'REPOSITORY_EXISTS',
        message: `The repository http://${host}/functions/hello exists already. Choose another name, or remove the repository first.`,
      });
    }
    expect([...repositories]).toEqual([['hello', {}]]);
    expect(requests.filter(line => line.startsWith('POST'))).toEqual([]);
  });

  it('leaves alone what somebody else pushed in the meantime', async () => {
    const { ctx } = await run();
    await expect(publish(killed).handler(ctx)).rejects.toThrow('killed');
    repositories.set('hello', { message: 'Mine' });

    await expect(publish(pushes).handler(ctx)).rejects.toMatchObject({
      code: 'REPOSITORY_EXISTS',
    });
    expect(repositories.get('hello')).toEqual({ message: 'Mine' });
  });

  it('tells what a git host that fails answered, and keeps its password', async () => {
    refuse = 503;
    const { ctx } = await run();
    const error = await publish(pushes)
      .handler(ctx)
      .catch((reason: Error) => reason);

    expect(error).toMatchObject({
      code: 'GIT_HOST_FAILED',
      message: `The repository http://${host}/functions/hello could not be looked for: the git host answered 503 Service Unavailable. Once the git host answers, use Retry: the run goes on from this step.`,
    });
    expect(String((error as Error).stack)).not.toContain('secret');
  });

  it('tells that the git host is down', async () => {
    const { ctx } = await run();
    await new Promise(resolve => gitea.close(resolve));

    await expect(publish(pushes).handler(ctx)).rejects.toMatchObject({
      code: 'GIT_HOST_FAILED',
      message: expect.stringContaining('could not be reached: ECONNREFUSED.'),
    });
  });

  it('refuses a host that the portal does not know', async () => {
    const { ctx } = await context({
      input: { repoUrl: 'git.example.com?owner=functions&repo=hello' },
    });
    await expect(publish(pushes).handler(ctx)).rejects.toThrow(
      /git\.example\.com/,
    );
    expect(requests).toEqual([]);
  });

  it('writes nothing in a dry run', async () => {
    const { ctx, outputs } = await context({
      input: { repoUrl: `${host}?owner=functions&repo=hello` },
      isDryRun: true,
    });
    await publish(killed).handler(ctx);
    expect(requests).toEqual([]);
    expect(outputs).toEqual({
      remoteUrl: `http://${host}/functions/hello.git`,
      repoContentsUrl: `http://${host}/functions/hello/src/branch/main/`,
      commitHash: '',
    });
  });
});
