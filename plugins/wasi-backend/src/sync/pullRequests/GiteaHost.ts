import { z } from 'zod';
import { encodePath, type HostApi } from './HostApi';
import { hostRequestSchema, toOpenRequest } from './hostRequest';
import { readHostFile } from './readHostFile';
import type {
  OpenRequest,
  RepositoryFile,
  RepositoryHost,
} from './RepositoryHost';

const requestSchema = hostRequestSchema.extend({
  head: z.object({ ref: z.string() }),
  base: z.object({ ref: z.string() }),
});
const PAGE = 50;
const MAX_PAGES = 20;

/**
 * A repository on Gitea: https://docs.gitea.com/api/
 *
 * @internal
 */
export class GiteaHost implements RepositoryHost {
  readonly #api: HostApi;

  constructor(api: HostApi) {
    this.#api = api;
  }

  async hasBranch(branch: string, signal: AbortSignal): Promise<boolean> {
    const { status } = await this.#api.send({
      method: 'GET',
      path: `/branches/${encodePath(branch)}`,
      expect: [200, 404],
      signal,
    });
    return status === 200;
  }

  async readFile(
    branch: string,
    path: string,
    signal: AbortSignal,
  ): Promise<RepositoryFile | undefined> {
    return readHostFile(this.#api, branch, path, signal);
  }

  async resetBranch(
    branch: string,
    base: string,
    signal: AbortSignal,
  ): Promise<void> {
    const make = (expect: number[]) =>
      this.#api.send({
        method: 'POST',
        path: '/branches',
        body: { new_branch_name: branch, old_branch_name: base },
        expect,
        signal,
      });
    if ((await make([201, 409])).status === 409) {
      await this.deleteBranch(branch, signal);
      await make([201]);
    }
  }

  async deleteBranch(branch: string, signal: AbortSignal): Promise<void> {
    await this.#api.send({
      method: 'DELETE',
      path: `/branches/${encodePath(branch)}`,
      expect: [204, 404],
      signal,
    });
  }

  async writeFile(
    file: {
      branch: string;
      path: string;
      content: string;
      message: string;
      sha?: string;
    },
    signal: AbortSignal,
  ): Promise<void> {
    const { path, content, ...rest } = file;
    await this.#api.send({
      method: file.sha ? 'PUT' : 'POST',
      path: `/contents/${encodePath(path)}`,
      body: { ...rest, content: Buffer.from(content).toString('base64') },
      expect: [200, 201],
      signal,
    });
  }

  async findOpen(
    branch: string,
    base: string,
    signal: AbortSignal,
  ): Promise<OpenRequest | undefined> {
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const answer = await this.#api.send({
        method: 'GET',
        path: `/pulls?state=open&limit=${PAGE}&page=${page}`,
        expect: [200],
        signal,
      });
      const requests = answer.read(z.array(requestSchema));
      const found = requests.find(
        ({ head, base: into }) => head.ref === branch && into.ref === base,
      );
      if (found) {
        return toOpenRequest(found);
      }
      // A host may give out fewer than it is asked for.
      if (requests.length === 0) {
        return undefined;
      }
    }
    return undefined;
  }

  async open(
    request: { branch: string; base: string; title: string; body: string },
    signal: AbortSignal,
  ): Promise<OpenRequest> {
    const { branch, ...rest } = request;
    const answer = await this.#api.send({
      method: 'POST',
      path: '/pulls',
      body: { ...rest, head: branch },
      expect: [201],
      signal,
    });
    return toOpenRequest(answer.read(requestSchema));
  }

  async update(
    number: number,
    change: { title?: string; body?: string; state?: 'closed' },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#api.send({
      method: 'PATCH',
      path: `/pulls/${number}`,
      body: change,
      expect: [200, 201],
      signal,
    });
  }
}
