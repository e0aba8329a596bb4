import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'yaml';
import {
  entityOf,
  funcYaml,
  REPOSITORY,
  SyncUnderTest,
} from '../__testUtils__/SyncUnderTest';

const FUNC_YAML = `${REPOSITORY}/func.yaml`;

interface Pull {
  number: number;
  html_url: string;
  title: string;
  body: string;
  state: string;
  head: string;
  base: string;
}

/** The part of GitHub's REST API that proposals use, for one repository in memory. */
class ScriptedGitHub {
  readonly branches = new Map<string, Map<string, string>>([
    ['main', new Map()],
  ]);
  readonly pulls: Pull[] = [];
  readonly seen: string[] = [];
  readonly tokens = new Set<string | undefined>();
  /** Answers a request with this status instead. */
  fail: ((request: string) => number | undefined) | undefined;
  readonly #server: Server = createServer(async (request, response) => {
    const body = await readBody(request);
    const url = new URL(request.url!, 'http://x');
    const what = `${request.method} ${url.pathname.replace(
      '/repos/acme/pay',
      '',
    )}`;
    this.seen.push(what);
    this.tokens.add(request.headers.authorization);
    const failed = this.fail?.(what);
    const [status, answer] = failed
      ? [failed, { message: 'Resource not accessible by integration' }]
      : this.#answer(what, url.searchParams, body);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(answer === undefined ? undefined : JSON.stringify(answer));
  });

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  get writes(): string[] {
    return this.seen.filter(what => !what.startsWith('GET '));
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  #answer(what: string, query: URLSearchParams, body: any): [number, unknown?] {
    const [, path] = /\/contents\/(.+)$/.exec(what) ?? [];
    const [, branch] = /\/git\/refs?\/heads\/(.+)$/.exec(what) ?? [];
    const [, number] = /\/pulls\/(\d+)$/.exec(what) ?? [];
    if (what.startsWith('GET /contents/')) {
      const text = this.branches.get(query.get('ref')!)?.get(path!);
      return text === undefined
        ? [404, { message: 'Not Found' }]
        : [200, { sha: shaOf(text), content: base64(text), type: 'file' }];
    }
    if (what.startsWith('PUT /contents/')) {
      const files = this.branches.get(body.branch)!;
      const known = files.get(path!);
      if (known !== undefined && body.sha !== shaOf(known)) {
        return [409, { message: `${path} does not match ${body.sha}` }];
      }
      files.set(path!, Buffer.from(body.content, 'base64').toString());
      return [known === undefined ? 201 : 200, {}];
    }
    if (what.startsWith('GET /git/ref/heads/')) {
      return [200, { object: { sha: `tip of ${branch}` } }];
    }
    if (what === 'POST /git/refs') {
      const name = body.ref.replace('refs/heads/', '');
      if (this.branches.has(name)) {
        return [422, { message: 'Reference already exists' }];
      }
      this.#reset(name);
      return [201, {}];
    }
    if (what.startsWith('PATCH /git/refs/heads/')) {
      this.#reset(branch!);
      return [200, {}];
    }
    if (what.startsWith('DELETE /git/refs/heads/')) {
      return this.branches.delete(branch!) ? [204] : [422, {}];
    }
    if (what === 'GET /pulls') {
      return [
        200,
        this.pulls.filter(
          pull =>
            pull.state === query.get('state') &&
            `acme:${pull.head}` === query.get('head') &&
            pull.base === query.get('base'),
        ),
      ];
    }
    if (what === 'POST /pulls') {
      const pull = {
        number: this.pulls.length + 1,
        html_url: `https://github.com/acme/pay/pull/${this.pulls.length + 1}`,
        state: 'open',
        ...body,
      };
      this.pulls.push(pull);
      return [201, pull];
    }
    if (number) {
      Object.assign(this.pulls[Number(number) - 1], body);
      return [200, this.pulls[Number(number) - 1]];
    }
    return [404, { message: 'Not Found' }];
  }

  #reset(branch: string): void {
    this.branches.set(branch, new Map(this.branches.get('main')!));
  }
}

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

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  return text ? JSON.parse(text) : undefined;
}

/** In lines, as GitHub answers. */
function base64(text: string): string {
  return Buffer.from(text)
    .toString('base64')
    .replace(/(.{60})/g, '$1\n');
}

function shaOf(text: string): string {
  return `sha of ${text.length}`;
}
