import fs from 'node:fs';
import {
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import git from 'isomorphic-git';
import { z } from 'zod';
import { hasCode } from '../platform/hasCode';
import { GitHostError } from './GitHostError';
import { INCOMING } from './replaceFile';

/** What is kept about a repository beside its git data. @internal */
export interface RepositoryInfo {
  owner: string;
  name: string;
  description: string;
  private: boolean;
  createdAt: string;
}

/** One bare repository on disk. @internal */
export interface Repository extends RepositoryInfo {
  /** Absolute path of the bare repository. */
  gitdir: string;
}

const infoSchema = z.object({
  owner: z.string(),
  name: z.string(),
  description: z.string(),
  private: z.boolean(),
  createdAt: z.string(),
});
const INFO_FILE = 'repository.json';
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;
// First path segments that are routes of the git host itself.
const RESERVED_OWNERS = new Set(['api', 'assets']);

/**
 * The bare repositories of the git host: `<directory>/<owner>/<name>.git`.
 *
 * Owners need no creation: a folder appears with the first repository.
 *
 * @internal
 */
export class RepositoryStore {
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(private readonly directory: string) {}

  /** Creates an empty repository whose HEAD names `defaultBranch`. */
  async create(options: {
    owner: string;
    name: string;
    description?: string;
    private?: boolean;
    defaultBranch?: string;
  }): Promise<Repository> {
    const { owner, name } = options;
    assertOwnerName(owner);
    assertRepositoryName(name);
    const defaultBranch = options.defaultBranch ?? 'main';
    if (!isSafeReference(`refs/heads/${defaultBranch}`)) {
      throw new GitHostError(422, `"${defaultBranch}" is not a branch name.`);
    }
    return this.exclusively({ owner, name }, async () => {
      const gitdir = this.gitdir(owner, name);
      if (fs.existsSync(gitdir)) {
        throw new GitHostError(
          409,
          `The repository ${owner}/${name} exists already.`,
        );
      }
      const info: RepositoryInfo = {
        owner,
        name,
        description: options.description ?? '',
        private: options.private ?? false,
        createdAt: new Date().toISOString(),
      };
      // Built aside and renamed, so that a crash leaves no half repository.
      const draft = `${gitdir}.new`;
      await rm(draft, { recursive: true, force: true });
      try {
        await mkdir(draft, { recursive: true });
        await git.init({ fs, dir: draft, bare: true, defaultBranch });
        await writeFile(join(draft, INFO_FILE), JSON.stringify(info));
        await rename(draft, gitdir);
      } catch (error) {
        await rm(draft, { recursive: true, force: true });
        throw error;
      }
      return { gitdir, ...info };
    });
  }

  /** The repository, or undefined where none has this name. */
  async find(owner: string, name: string): Promise<Repository | undefined> {
    if (!isOwnerName(owner) || !isRepositoryName(name)) {
      return undefined;
    }
    const gitdir = this.gitdir(owner, name);
    let text: string;
    try {
      text = await readFile(join(gitdir, INFO_FILE), 'utf8');
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) {
        return undefined;
      }
      throw error;
    }
    return { gitdir, ...infoSchema.parse(JSON.parse(text)) };
  }

  /** All repositories, or those of one owner, by name. */
  async list(owner?: string): Promise<Repository[]> {
    const owners =
      owner === undefined ? await namesIn(this.directory) : [owner];
    const found: Repository[] = [];
    for (const candidate of owners.filter(isOwnerName)) {
      for (const folder of await namesIn(
        join(this.directory, candidate.toLowerCase()),
      )) {
        const repository = folder.endsWith('.git')
          ? await this.find(candidate, folder.slice(0, -'.git'.length))
          : undefined;
        if (repository) {
          found.push(repository);
        }
      }
    }
    return found;
  }

  /** Deletes a repository with everything in it. */
  async delete(repository: Repository): Promise<void> {
    await this.exclusively(repository, async () => {
      // Gone at once: half a repository would be neither there nor replaceable.
      const remains = `${repository.gitdir}.gone`;
      await rm(remains, { recursive: true, force: true });
      await rename(repository.gitdir, remains);
      await rm(remains, { recursive: true, force: true });
    });
  }

  /** Takes away what a killed process left unfinished; before anybody is served. */
  async clean(): Promise<void> {
    for (const owner of await namesIn(this.directory)) {
      for (const folder of await namesIn(join(this.directory, owner))) {
        const path = join(this.directory, owner, folder);
        if (/\.git\.(new|gone)$/.test(folder)) {
          await rm(path, { recursive: true, force: true });
        } else if (folder.endsWith('.git')) {
          await rm(join(path, INCOMING), { recursive: true, force: true });
          await removePacksWithoutIndex(join(path, 'objects', 'pack'));
        }
      }
    }
  }

  /** Runs `work` while nobody else changes this repository. */
  async exclusively<T>(
    repository: { owner: string; name: string },
    work: () => Promise<T>,
  ): Promise<T> {
    const key = this.gitdir(repository.owner, repository.name);
    const before = this.queues.get(key) ?? Promise.resolve();
    const result = before.then(work);
    // The next in line waits for the end, whether it went well or not.
    const ended = result.catch(() => undefined);
    this.queues.set(key, ended);
    try {
      return await result;
    } finally {
      if (this.queues.get(key) === ended) {
        this.queues.delete(key);
      }
    }
  }

  // Names are compared without case, as many file systems and Gitea do.
  private gitdir(owner: string, name: string): string {
    return join(
      this.directory,
      owner.toLowerCase(),
      `${name.toLowerCase()}.git`,
    );
  }
}

/** Tells whether a name can own repositories. @internal */
export function isOwnerName(owner: string): boolean {
  return isPlainName(owner) && !RESERVED_OWNERS.has(owner.toLowerCase());
}

/** Tells whether a reference name is one that git allows below `refs/`. @internal */
export function isSafeReference(reference: string): boolean {
  // https://git-scm.com/docs/git-check-ref-format
  return (
    /^refs\/[^/]/.test(reference) &&
    reference.length <= 250 &&
    // eslint-disable-next-line no-control-regex
    !/[\x00-\x20\x7f~^:?*[\\]/.test(reference) &&
    !/\.\.|@\{|\/\/|\/$|\.$/.test(reference) &&
    reference
      .split('/')
      .every(part => !part.startsWith('.') && !part.endsWith('.lock'))
  );
}

function assertOwnerName(owner: string): void {
  if (!isOwnerName(owner)) {
    throw new GitHostError(
      422,
      `"${owner}" cannot own repositories: use letters, digits, "-", "_" and ".", at most 100, and none of ${[
        ...RESERVED_OWNERS,
      ].join(', ')}.`,
    );
  }
}

function assertRepositoryName(name: string): void {
  if (!isRepositoryName(name)) {
    throw new GitHostError(
      422,
      `"${name}" is not a repository name: use letters, digits, "-", "_" and ".", at most 100, not ending in ".git".`,
    );
  }
}

function isRepositoryName(name: string): boolean {
  return isPlainName(name) && !/\.(git|wiki|lock|new)$/i.test(name);
}

function isPlainName(name: string): boolean {
  return NAME.test(name) && !name.includes('..');
}

async function removePacksWithoutIndex(folder: string): Promise<void> {
  const files = await namesIn(folder);
  for (const file of files) {
    if (
      file.endsWith('.pack') &&
      !files.includes(file.replace(/pack$/, 'idx'))
    ) {
      await rm(join(folder, file), { force: true });
    }
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    // No folder yet means no repository yet.
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) {
      return [];
    }
    throw error;
  }
}
