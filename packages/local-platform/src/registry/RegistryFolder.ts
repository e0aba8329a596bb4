import { randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Where things lie on disk.
 *
 * Folders of our own begin with `_`, which no component of a repository name does.
 * Files appear by rename only, so that a killed process leaves whole files or none;
 * what it left in `temporary` goes at the next start. Nothing is synced to the
 * device: this is for laptops and tests, where power failures may lose the last push.
 *
 * @internal
 */
export class RegistryFolder {
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  async prepare(): Promise<void> {
    await rm(join(this.directory, 'temporary'), {
      recursive: true,
      force: true,
    });
    await mkdir(join(this.directory, 'temporary'), { recursive: true });
    await mkdir(join(this.directory, 'blobs'), { recursive: true });
    await mkdir(join(this.directory, 'repositories'), { recursive: true });
  }

  temporaryFile(): string {
    return join(this.directory, 'temporary', randomUUID());
  }

  blob(digest: string): string {
    return join(this.directory, 'blobs', ...digest.split(':'));
  }

  repository(name: string): string {
    return join(this.directory, 'repositories', ...name.split('/'));
  }

  blobLink(name: string, digest: string): string {
    return join(this.repository(name), '_blobs', ...digest.split(':'));
  }

  manifest(name: string, digest: string): string {
    return join(this.repository(name), '_manifests', ...digest.split(':'));
  }

  tags(name: string): string {
    return join(this.repository(name), '_tags');
  }

  referrers(name: string, subject: string): string {
    return join(this.repository(name), '_referrers', ...subject.split(':'));
  }

  /** Puts a whole file in place, over an older one. */
  async write(path: string, content: string | Uint8Array): Promise<void> {
    const temporary = this.temporaryFile();
    await writeFile(temporary, content);
    await this.moveInto(temporary, path);
  }

  async moveInto(temporary: string, path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await rename(temporary, path);
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

/** @internal */
export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
