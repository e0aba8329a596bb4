import { z } from 'zod';
import { encodePath, type HostApi } from './HostApi';
import { hostRequestSchema, toOpenRequest } from './hostRequest';
import { readHostFile } from './readHostFile';
import type {
  OpenRequest,
  RepositoryFile,
  RepositoryHost,
} from './RepositoryHost';

const referenceSchema = z.object({ object: z.object({ sha: z.string() }) });

/**
 * A repository on GitHub: https://docs.github.com/rest
 *
 * @internal
 */
export class GitHubHost implements RepositoryHost {
  readonly #api: HostApi;
  readonly #owner: string;

  constructor(api: HostApi, owner: string) {
    this.#api = api;
    this.#owner = owner;
  }

  async hasBranch(branch: string, signal: AbortSignal): Promise<boolean> {
    const { status } = await this.#api.send({
      method: 'GET',
      path: `/git/ref/heads/${encodePath(branch)}`,
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
    const tip = await this.#api.send({
      method: 'GET',
      path: `/git/ref/heads/${encodePath(base)}`,
      expect: [200],
      signal,
    });
    const { sha } = tip.read(referenceSchema).object;
    const made = await this.#api.send({
      method: 'POST',
      path: '/git/refs',
      body: { ref: `refs/heads/${branch}`, sha },
      // 422: it exists.
      expect: [201, 422],
      signal,
    });
    if (made.status === 422) {
      await this.#api.send({
        method: 'PATCH',
        path: `/git/refs/heads/${encodePath(branch)}`,
        body: { sha, force: true },
        expect: [200],
        signal,
      });
    }
  }

  async deleteBranch(branch: string, signal: AbortSignal): Promise<void> {
    await this.#api.send({
      method: 'DELETE',
      path: `/git/refs/heads/${encodePath(branch)}`,
      // 422: it is gone, as where branches are deleted on merge.
      expect: [204, 404, 422],
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
      method: 'PUT',
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
    const query = new URLSearchParams({
      state: 'open',
      head: `${this.#owner}:${branch}`,
      base,
    });
    const answer = await this.#api.send({
      method: 'GET',
      path: `/pulls?${query}`,
      expect: [200],
      signal,
    });
    const [found] = answer.read(z.array(hostRequestSchema));
    return found && toOpenRequest(found);
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
    return toOpenRequest(answer.read(hostRequestSchema));
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
      expect: [200],
      signal,
    });
  }
}
