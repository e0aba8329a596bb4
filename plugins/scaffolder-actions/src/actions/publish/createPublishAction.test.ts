import { ConfigReader } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import { initRepoAndPush } from '@backstage/plugin-scaffolder-node';
import { actionContexts } from '../../__testUtils__/actionContext';
import { FakeGitea } from '../../__testUtils__/FakeGitea';
import { createPublishAction } from '.';

const context = actionContexts();

let gitea: FakeGitea;
let host: string;

beforeEach(async () => {
  gitea = await FakeGitea.start();
  host = gitea.host;
});

afterEach(() => gitea.close());

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
  gitea.repositories.set('hello', { message: commitMessage });
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
    expect(gitea.repositories.get('hello')?.message).toMatch(
      /^Generate the function\n\nScaffolder-Task: \S+$/,
    );
  });

  it('goes on where it was killed between creating the repository and pushing', async () => {
    const { ctx, outputs } = await run();
    await expect(publish(killed).handler(ctx)).rejects.toThrow('killed');
    expect([...gitea.repositories]).toEqual([['hello', { description: '' }]]);

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
    gitea.repositories.set('hello', {});
    const { ctx } = await run();

    const action = publish(pushes);
    const attempts = [() => action.handler(ctx), () => action.handler(ctx)];
    for (const attempt of attempts) {
      await expect(attempt()).rejects.toMatchObject({
        code: 'REPOSITORY_EXISTS',
        message: `The repository http://${host}/functions/hello exists already. Choose another name, or remove the repository first.`,
      });
    }
    expect([...gitea.repositories]).toEqual([['hello', {}]]);
    expect(gitea.requests.filter(line => line.startsWith('POST'))).toEqual([]);
  });

  it('leaves alone what somebody else pushed in the meantime', async () => {
    const { ctx } = await run();
    await expect(publish(killed).handler(ctx)).rejects.toThrow('killed');
    gitea.repositories.set('hello', { message: 'Mine' });

    await expect(publish(pushes).handler(ctx)).rejects.toMatchObject({
      code: 'REPOSITORY_EXISTS',
    });
    expect(gitea.repositories.get('hello')).toEqual({ message: 'Mine' });
  });

  it('tells what a git host that fails answered, and keeps its password', async () => {
    gitea.refuse = 503;
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
    await gitea.close();

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
    expect(gitea.requests).toEqual([]);
  });

  it('writes nothing in a dry run', async () => {
    const { ctx, outputs } = await context({
      input: { repoUrl: `${host}?owner=functions&repo=hello` },
      isDryRun: true,
    });
    await publish(killed).handler(ctx);
    expect(gitea.requests).toEqual([]);
    expect(outputs).toEqual({
      remoteUrl: `http://${host}/functions/hello.git`,
      repoContentsUrl: `http://${host}/functions/hello/src/branch/main/`,
      commitHash: '',
    });
  });
});
