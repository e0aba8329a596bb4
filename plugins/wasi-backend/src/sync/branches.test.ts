import { ScriptedGitHub } from './__testUtils__/ScriptedGitHub';
import {
  entityOf,
  funcYaml,
  SyncUnderTest,
} from './__testUtils__/SyncUnderTest';

const PREFIX = 'wasm.serving.knative.dev';
const HOST = 'https://github.com/acme/pay/blob';

describe('func.yaml on a branch of GitHub', () => {
  let github: ScriptedGitHub;
  let test: SyncUnderTest;

  beforeEach(async () => {
    github = new ScriptedGitHub();
    test = new SyncUnderTest();
    test.integrations = {
      github: [{ host: 'github.com', apiBaseUrl: await github.start() }],
    };
    test.files.clear();
  });

  afterEach(async () => {
    await test.stop();
    await github.stop();
  });

  /** An entity of `catalog/` that points to func.yaml elsewhere. */
  async function deploy(
    location: string,
    path: string,
    annotations: Record<string, string> = {},
  ) {
    const base = `${HOST}/${location}/catalog-info.yaml`;
    test.entities = [
      entityOf('pay', {
        'backstage.io/managed-by-location': `url:${base}`,
        [`${PREFIX}/func-yaml`]: path,
        ...annotations,
      }),
    ];
    test.files.set(new URL(path, base).href, funcYaml());
    await test.start();
    await test.run();
    return test.target();
  }

  it('is asked for nothing where it lies beside the entity', async () => {
    await deploy('feature/x/catalog', './func.yaml');

    expect(test.writes).toEqual(['shop/pay']);
    expect(github.seen).toEqual([]);
  });

  it('is read in another folder of the repository, and the branch asked for once', async () => {
    await deploy('main/catalog/pay', '../../functions/func.yaml');
    await test.runAfter(60);

    expect(test.writes).toEqual(['shop/pay']);
    expect(github.seen).toEqual(['GET /git/ref/heads/main']);
  });

  it('is read from a branch whose name has a slash', async () => {
    github.branches.set('feature/x', new Map());

    await deploy('feature/x/catalog', '../func.yaml');

    expect(test.writes).toEqual(['shop/pay']);
    expect(github.seen).toEqual([
      'GET /git/ref/heads/feature',
      'GET /git/ref/heads/feature/x',
    ]);
  });

  it('is not read from another branch that begins alike', async () => {
    github.branches.set('feature/x', new Map());

    expect(
      await deploy('feature/x/catalog', '../../y/func.yaml'),
    ).toMatchObject({
      state: 'failed',
      code: 'SYNC_SOURCE_REFUSED',
      message: expect.stringContaining(`leads out of ${HOST}/feature/x/.`),
    });
    expect(test.reads).toEqual([]);
  });

  it('is read from a tag or a commit, which are no branches', async () => {
    await deploy('v1/catalog', '../func.yaml');

    expect(test.writes).toEqual(['shop/pay']);
  });

  it('is refused with the next step where GitHub does not tell', async () => {
    github.fail = () => 403;

    expect(await deploy('main/catalog', '../func.yaml')).toMatchObject({
      code: 'SYNC_SOURCE_UNREADABLE',
      message: expect.stringContaining(
        `Which part of ${HOST}/main/catalog/catalog-info.yaml is the branch is not known`,
      ),
      remedy: expect.stringContaining('an account in `integrations`'),
    });
    expect(test.reads).toEqual([]);
  });

  it('has its pull requests made against a branch whose name has a slash', async () => {
    github.branches.set('feature/x', new Map());

    await deploy('feature/x/catalog', './func.yaml', {
      [`${PREFIX}/deploy-mode`]: 'pull-request',
    });

    expect(github.pulls).toMatchObject([{ base: 'feature/x' }]);
  });

  it.each([
    '..%2F..%2F..%2Frepos%2Facme%2Fbank',
    'a%20b',
    'a%0Ab',
    'x%3Fy',
    '%2Fmain',
  ])('is asked for by no name that no branch can have: %s', async branch => {
    expect(
      await deploy(`${branch}/catalog`, './func.yaml', {
        [`${PREFIX}/deploy-mode`]: 'pull-request',
      }),
    ).toMatchObject({ state: 'failed', code: 'SYNC_SOURCE_REFUSED' });
    expect(github.seen).toEqual([]);
  });
});
