import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As much of a Gitea host as publishing asks for, with one organization named `functions`. */
export class FakeGitea {
  /** By name; with the message of the last commit where there is one. */
  readonly repositories = new Map<
    string,
    { description?: string; message?: string }
  >();
  readonly requests: string[] = [];
  /** Set to have every request answered with this status. */
  refuse: number | undefined;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.requests.push(`${request.method} ${request.url}`);
      let body = '';
      request.on('data', chunk => {
        body += chunk;
      });
      request.on('end', () => {
        const [status, answer] = this.#answer(
          request.method,
          request.url,
          body,
        );
        response.writeHead(status).end(JSON.stringify(answer));
      });
    });
  }

  static async start(): Promise<FakeGitea> {
    const gitea = new FakeGitea();
    await new Promise<void>(resolve =>
      gitea.#server.listen(0, '127.0.0.1', resolve),
    );
    return gitea;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  #answer(
    method: string | undefined,
    url: string | undefined,
    body: string,
  ): [number, object] {
    if (this.refuse) {
      return [this.refuse, {}];
    }
    if (method === 'POST') {
      const { name, description } = JSON.parse(body);
      if (this.repositories.has(name)) {
        return [409, {}];
      }
      this.repositories.set(name, { description });
      return [201, {}];
    }
    const [, name, branch] =
      /^\/api\/v1\/repos\/functions\/([^/]+)(?:\/branches\/(main))?$/.exec(
        url!,
      ) ?? [];
    const repository = this.repositories.get(name);
    return !repository || (branch && !repository.message)
      ? [404, {}]
      : [200, { commit: { id: 'abc123', message: repository.message } }];
  }
}
