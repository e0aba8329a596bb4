import { parse } from 'yaml';
import { ScriptedGitHub } from '../__testUtils__/ScriptedGitHub';
import {
  entityOf,
  funcYaml,
  REPOSITORY,
  SyncUnderTest,
} from '../__testUtils__/SyncUnderTest';

const FUNC_YAML = `${REPOSITORY}/func.yaml`;

describe('proposing manifests on GitHub (a scripted server that answers as its REST API does)', () => {
  let test: SyncUnderTest;
  let github: ScriptedGitHub;

  beforeEach(async () => {
    github = new ScriptedGitHub();
    test = new SyncUnderTest();
    test.integrations = {
      github: [
        {
          host: 'github.com',
          apiBaseUrl: await github.start(),
          token: 'ghp_secret',
        },
      ],
    };
    test.entities = [
      entityOf('pay', {
        'wasm.serving.knative.dev/environments': 'prod=eu-1/shop',
        'wasm.serving.knative.dev/deploy-mode': 'pull-request',
      }),
    ];
    await test.start();
    await test.run();
  });

  afterEach(async () => {
    await test.stop();
    await github.stop();
  });

  const proposed = () => {
    const [head] = github.pulls.map(pull => pull.head).slice(-1);
    return github.branches.get(head)?.get('deploy/prod/pay.yaml');
  };
  const look = () => test.runAfter(5 * 60);

  it('opens one pull request, by the account of the integration', async () => {
    expect(github.pulls).toMatchObject([
      { title: 'Deploy pay to prod', base: 'main', state: 'open' },
    ]);
    expect(parse(proposed()!)).toMatchObject({
      kind: 'WasmModule',
      metadata: { name: 'pay', namespace: 'shop' },
    });
    expect(await test.target()).toMatchObject({
      environment: 'prod',
      mode: 'pull-request',
      state: 'drifted',
      pullRequest: { url: 'https://github.com/acme/pay/pull/1' },
    });
    expect(github.tokens).toEqual(new Set(['Bearer ghp_secret']));
    expect(test.writes).toEqual([]);
  });

  it('asks GitHub nothing for some minutes, and then writes nothing', async () => {
    const before = github.seen.length;
    await test.runAfter(60);
    await test.runAfter(60);
    expect(github.seen).toHaveLength(before);

    github.seen.length = 0;
    await look();
    expect(github.seen.length).toBeGreaterThan(0);
    expect(github.writes).toEqual([]);
  });

  it('follows func.yaml in the same request', async () => {
    test.files.set(FUNC_YAML, funcYaml('run: { args: [--fast] }'));
    await test.runAfter(60);

    expect(github.pulls).toHaveLength(1);
    expect(parse(proposed()!).spec.args).toEqual(['--fast']);
    expect(github.pulls[0].body).toContain('`spec.args` added');
  });

  it('closes the request when the manifest has come in another way', async () => {
    github.branches.get('main')!.set('deploy/prod/pay.yaml', proposed()!);
    await look();

    expect(github.pulls).toMatchObject([{ state: 'closed' }]);
    expect([...github.branches.keys()]).toEqual(['main']);
    expect((await test.target()).pullRequest).toBeUndefined();
  });

  it('proposes what was closed only after a change, over the branch that was left', async () => {
    github.pulls[0].state = 'closed';
    await look();
    expect(github.pulls).toHaveLength(1);
    expect(await test.target()).toMatchObject({
      message: expect.stringContaining('closed without being merged'),
    });

    test.files.set(FUNC_YAML, funcYaml('run: { args: [--fast] }'));
    await look();
    expect(github.pulls).toMatchObject([
      { state: 'closed' },
      { state: 'open' },
    ]);
  });

  it.each([
    { what: 'refuses the account', request: 'PUT /contents', status: 403 },
    { what: 'is broken', request: 'GET /pulls', status: 502 },
    { what: 'asks to slow down', request: 'POST /pulls', status: 429 },
  ])('tells it and tries later when GitHub $what', async options => {
    github.pulls.length = 0;
    github.fail = what =>
      what.startsWith(options.request) ? options.status : undefined;
    test.files.set(FUNC_YAML, funcYaml('run: { args: [--fast] }'));
    await look();

    const target = await test.target();
    expect(target).toMatchObject({
      state: 'failed',
      code: 'PULL_REQUEST_FAILED',
      message: expect.stringContaining(
        `the git host answered ${options.status}: Resource not accessible`,
      ),
      nextRunAt: expect.any(String),
    });
    expect(JSON.stringify([target, test.log])).not.toContain('ghp_secret');

    github.fail = undefined;
    await look();
    expect(github.pulls).toHaveLength(1);
  });
});

describe('proposing manifests elsewhere', () => {
  it('is refused with the next step', async () => {
    const test = new SyncUnderTest();
    test.integrations = { gitlab: [{ host: 'gitlab.com' }] };
    test.entities = [
      entityOf('pay', {
        'backstage.io/managed-by-location':
          'url:https://gitlab.com/acme/pay/-/blob/main/catalog-info.yaml',
        'wasm.serving.knative.dev/deploy-mode': 'pull-request',
      }),
    ];
    test.files.set(
      'https://gitlab.com/acme/pay/-/blob/main/func.yaml',
      funcYaml(),
    );
    await test.start();
    await test.run();

    expect(await test.target()).toMatchObject({
      state: 'failed',
      code: 'PULL_REQUEST_UNSUPPORTED',
      remedy: expect.stringContaining('`observe`'),
    });
    await test.stop();
  });
});
