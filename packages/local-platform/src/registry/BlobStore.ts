import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { RegistryError } from './RegistryError';
import { exists, isMissing, type RegistryFolder } from './RegistryFolder';

/** A stored blob. @internal */
export interface StoredBlob {
  path: string;
  size: number;
}

/**
 * Content by digest, stored once, and visible in the repositories it was pushed
 * to or mounted into.
 *
 * @internal
 */
export class BlobStore {
  private readonly folder: RegistryFolder;
  /** Whether a file still has its digest, found out once in the life of this process. */
  private readonly checks = new Map<string, Promise<boolean>>();

  constructor(folder: RegistryFolder) {
    this.folder = folder;
  }

  /**
   * A blob of a repository.
   *
   * One whose file was damaged is not there, so that whoever asks before a push
   * sends it again.
   */
  async find(name: string, digest: string): Promise<StoredBlob | undefined> {
    if (!(await exists(this.folder.blobLink(name, digest)))) {
      return undefined;
    }
    const path = this.folder.blob(digest);
    try {
      const { size } = await stat(path);
      return (await this.isWhole(digest)) ? { path, size } : undefined;
    } catch (error) {
      if (isMissing(error)) {
        return undefined;
      }
      throw error;
    }
  }

  /** Takes a finished file over, if its content has the digest. */
  async adopt(options: {
    name: string;
    digest: string;
    file: string;
    /** Digest of the file where it was worked out while writing. */
    knownDigest?: string;
  }): Promise<void> {
    const { name, digest, file } = options;
    const [algorithm] = digest.split(':');
    const actual = options.knownDigest?.startsWith(`${algorithm}:`)
      ? options.knownDigest
      : await digestOfFile(file, algorithm);
    if (actual !== digest) {
      throw new RegistryError(
        400,
        'DIGEST_INVALID',
        'provided digest did not match uploaded content',
      );
    }
    await this.folder.exclusively(async () => {
      await this.folder.moveInto(file, this.folder.blob(digest));
      this.checks.set(digest, Promise.resolve(true));
      await this.link(name, digest);
    });
  }

  async mount(options: {
    name: string;
    from: string;
    digest: string;
  }): Promise<boolean> {
    return this.folder.exclusively(async () => {
      if (!(await this.find(options.from, options.digest))) {
        return false;
      }
      await this.link(options.name, options.digest);
      return true;
    });
  }

  /** Takes the blob out of one repository, and off the disk when it was the last. */
  async remove(name: string, digest: string): Promise<boolean> {
    return this.folder.exclusively(async () => {
      const link = this.folder.blobLink(name, digest);
      if (!(await exists(link))) {
        return false;
      }
      await rm(link, { force: true });
      if (!(await this.isLinked(digest))) {
        this.checks.delete(digest);
        await rm(this.folder.blob(digest), { force: true });
      }
      return true;
    });
  }

  private async link(name: string, digest: string): Promise<void> {
    await this.folder.write(this.folder.blobLink(name, digest), '');
  }

  private async isLinked(digest: string): Promise<boolean> {
    for await (const name of this.folder.repositories()) {
      if (await exists(this.folder.blobLink(name, digest))) {
        return true;
      }
    }
    return false;
  }

  private async isWhole(digest: string): Promise<boolean> {
    const known = this.checks.get(digest);
    if (known) {
      return known;
    }
    const [algorithm] = digest.split(':');
    const check = digestOfFile(this.folder.blob(digest), algorithm).then(
      actual => actual === digest,
    );
    this.checks.set(digest, check);
    try {
      const whole = await check;
      if (!whole) {
        process.stderr.write(
          `registry: ${digest} is damaged on disk and no longer served; push it again.\n`,
        );
      }
      return whole;
    } catch (error) {
      this.checks.delete(digest);
      throw error;
    }
  }
}

async function digestOfFile(path: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path, { highWaterMark: 1024 ** 2 }), hash);
  return `${algorithm}:${hash.digest('hex')}`;
}
