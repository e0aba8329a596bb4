import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

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
export class ScriptedGitHub {
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
      return this.branches.has(branch!)
        ? [200, { object: { sha: `tip of ${branch}` } }]
        : [404, { message: 'Not Found' }];
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
