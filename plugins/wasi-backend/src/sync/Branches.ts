import type { ScmIntegrationRegistry } from '@backstage/integration';
import {
  isWasiError,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { LeastRecentlyUsed } from '../services/LeastRecentlyUsed';
import { locateRepository } from './pullRequests/locateRepository';
import type { RepositoryHost } from './pullRequests/RepositoryHost';

const KEPT = 1000;
const KEPT_MS = 10 * 60_000;

/** The branch that a file is on. @internal */
export interface FileBranch {
  host: RepositoryHost;
  branch: string;
  /** What the addresses of all files of the branch begin with. */
  prefix: string;
}

/**
 * Finds out which part of an address is the branch, by asking the git host: the
 * names of branches have slashes, too.
 *
 * @internal
 */
export class Branches {
  readonly #integrations: ScmIntegrationRegistry;
  readonly #now: () => Date;
  readonly #known = new LeastRecentlyUsed<{ exists: boolean; at: number }>(
    KEPT,
  );

  constructor(options: {
    integrations: ScmIntegrationRegistry;
    now: () => Date;
  }) {
    this.#integrations = options.integrations;
    this.#now = options.now;
  }

  /**
   * Nothing for files that are not on GitHub or Gitea.
   *
   * @throws WasiError SYNC_SOURCE_REFUSED, SYNC_SOURCE_UNREADABLE
   */
  async of(url: string, signal: AbortSignal): Promise<FileBranch | undefined> {
    const located = locateRepository(url, this.#integrations);
    if (!located || located.branches.length === 0) {
      return undefined;
    }
    const { branches, host } = located;
    const { origin, pathname } = new URL(url);
    const found = (branch: string, depth: number): FileBranch => ({
      host,
      branch,
      prefix: `${origin}${located.prefix}${pathname
        .slice(located.prefix.length)
        .split('/')
        .slice(0, depth)
        .join('/')}/`,
    });
    if (branches.length === 1) {
      return found(branches[0], 1);
    }
    for (const [i, branch] of branches.entries()) {
      const key = `${origin}${located.prefix} ${branch}`;
      if (await this.#exists(key, url, () => host.hasBranch(branch, signal))) {
        return found(branch, i + 1);
      }
    }
    // A tag or a commit.
    return found(branches[0], 1);
  }

  async #exists(
    key: string,
    url: string,
    ask: () => Promise<boolean>,
  ): Promise<boolean> {
    const now = this.#now().getTime();
    const known = this.#known.get(key);
    if (known && now - known.at < KEPT_MS) {
      return known.exists;
    }
    try {
      const exists = await ask();
      this.#known.set(key, { exists, at: now });
      return exists;
    } catch (error) {
      if (!isWasiError(error)) {
        throw error;
      }
      throw new WasiError('SYNC_SOURCE_UNREADABLE', {
        message: `Which part of ${url} is the branch is not known: ${error.message}`,
        remedy:
          'Give the portal an account in `integrations` that may read the repository, or put func.yaml into the folder of catalog-info.yaml.',
        cause: error,
      });
    }
  }
}
