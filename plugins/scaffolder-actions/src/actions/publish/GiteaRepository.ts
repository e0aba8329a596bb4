import {
  getGiteaRequestOptions,
  type GiteaIntegrationConfig,
} from '@backstage/integration';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';

const REQUEST_TIMEOUT_MS = 30_000;
const branchSchema = z.object({
  commit: z.object({ id: z.string(), message: z.string() }),
});

/**
 * One repository on a Gitea host: https://docs.gitea.com/api/
 *
 * @internal
 */
export class GiteaRepository {
  readonly #host: GiteaIntegrationConfig;
  readonly #owner: string;
  readonly #name: string;
  readonly #signal: AbortSignal | undefined;

  constructor(options: {
    host: GiteaIntegrationConfig;
    owner: string;
    name: string;
    signal?: AbortSignal;
  }) {
    this.#host = options.host;
    this.#owner = options.owner;
    this.#name = options.name;
    this.#signal = options.signal;
  }

  /** Address without `.git`. */
  get url(): string {
    return `${this.#host.baseUrl}/${this.#owner}/${this.#name}`;
  }

  async exists(): Promise<boolean> {
    const answer = await this.#request('GET', this.#path());
    switch (answer.status) {
      case 200:
        return true;
      case 404:
        return false;
      default:
        throw this.#unexpected('be looked for', await describe(answer));
    }
  }

  /** Creates it, empty; one that exists is left as it is. */
  async create(description: string): Promise<void> {
    const answer = await this.#request(
      'POST',
      `orgs/${encodeURIComponent(this.#owner)}/repos`,
      { name: this.#name, description, private: false },
    );
    if (answer.status !== 201 && answer.status !== 409) {
      throw this.#unexpected('be created', await describe(answer));
    }
  }

  /** The last commit of a branch; undefined where nothing was pushed yet. */
  async head(
    branch: string,
  ): Promise<{ id: string; message: string } | undefined> {
    const answer = await this.#request(
      'GET',
      `${this.#path()}/branches/${encodeURIComponent(branch)}`,
    );
    switch (answer.status) {
      case 200:
        return branchSchema.parse(await answer.json()).commit;
      case 404:
      case 409:
        return undefined;
      default:
        throw this.#unexpected('be read', await describe(answer));
    }
  }

  #path(): string {
    return `repos/${encodeURIComponent(this.#owner)}/${encodeURIComponent(
      this.#name,
    )}`;
  }

  async #request(
    method: string,
    path: string,
    body?: object,
  ): Promise<Response> {
    const deadline = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    try {
      return await fetch(`${this.#host.baseUrl}/api/v1/${path}`, {
        method,
        headers: {
          ...getGiteaRequestOptions(this.#host).headers,
          'Content-Type': 'application/json',
        },
        body: body && JSON.stringify(body),
        redirect: 'error',
        signal: this.#signal
          ? AbortSignal.any([this.#signal, deadline])
          : deadline,
      });
    } catch (error) {
      throw this.#unexpected('be reached', reason(error));
    }
  }

  #unexpected(what: string, why: string): WasiError {
    return new WasiError('GIT_HOST_FAILED', {
      message: `The repository ${this.url} could not ${what}: ${why}.`,
    });
  }
}

async function describe(answer: Response): Promise<string> {
  await answer.body?.cancel();
  return `the git host answered ${answer.status} ${answer.statusText}`.trim();
}

function reason(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string } };
  return cause?.code ?? message;
}
