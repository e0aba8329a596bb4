import { randomUUID } from 'node:crypto';
import { access, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { moveDurably } from '../platform/durableFile';

/**
 * Where things lie on disk.
 *
 * Folders of our own begin with `_`, which no component of a repository name does.
 * Files appear by rename only, so that a killed process leaves whole files or none;
 * what it left in `temporary` goes at the next start.
 *
 * @internal
 */
export class RegistryFolder {
  private readonly directory: string;
  private lastChange: Promise<unknown> = Promise.resolve();

  constructor(directory: string) {
    this.directory = directory;
  }

  async prepare(): Promise<void> {
    await rm(join(this.directory, 'temporary'), {
      recursive: true,
      force: true,
    });
    await mkdir(join(this.directory, 'temporary'), { recursive: true });
    await mkdir(this.blobs(), { recursive: true });
    await mkdir(join(this.directory, 'repositories'), { recursive: true });
  }

  temporaryFile(): string {
    return join(this.directory, 'temporary', randomUUID());
  }

  blobs(): string {
    return join(this.directory, 'blobs');
  }

  blob(digest: string): string {
    return join(this.blobs(), ...digest.split(':'));
  }

  repository(name: string): string {
    return join(this.directory, 'repositories', ...name.split('/'));
  }

  blobLinks(name: string): string {
    return join(this.repository(name), '_blobs');
  }

  blobLink(name: string, digest: string): string {
    return join(this.blobLinks(name), ...digest.split(':'));
  }

  manifests(name: string): string {
    return join(this.repository(name), '_manifests');
  }

  manifest(name: string, digest: string): string {
    return join(this.manifests(name), ...digest.split(':'));
  }

  tags(name: string): string {
    return join(this.repository(name), '_tags');
  }

  referrers(name: string, subject: string): string {
    return join(this.repository(name), '_referrers', ...subject.split(':'));
  }

  /** Names of all repositories. */
  async *repositories(above: string[] = []): AsyncGenerator<string> {
    const entries = await list(join(this.directory, 'repositories', ...above));
    if (entries.some(entry => entry.startsWith('_'))) {
      yield above.join('/');
    }
    for (const entry of entries.filter(name => !name.startsWith('_'))) {
      yield* this.repositories([...above, entry]);
    }
  }

  /**
   * Runs a change of what refers to what, one at a time: no blob goes while a
   * manifest that needs it comes in.
   */
  async exclusively<T>(change: () => Promise<T>): Promise<T> {
    const result = this.lastChange.then(change);
    // The next in line waits for the end, whether it went well or not.
    this.lastChange = result.catch(() => undefined);
    return result;
  }

  /** Puts a whole file in place, over an older one. */
  async write(path: string, content: string | Uint8Array): Promise<void> {
    const temporary = this.temporaryFile();
    try {
      await writeFile(temporary, content);
      await this.moveInto(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async moveInto(temporary: string, path: string): Promise<void> {
    await moveDurably(temporary, path);
  }
}

/** @internal */
export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isMissing(error)) {
      return false;
    }
    throw error;
  }
}

/** Names in a folder; none where there is no such folder. @internal */
export async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) {
      return [];
    }
    throw error;
  }
}

/** @internal */
export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
