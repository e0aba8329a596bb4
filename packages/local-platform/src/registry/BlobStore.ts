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

  constructor(folder: RegistryFolder) {
    this.folder = folder;
  }

  async find(name: string, digest: string): Promise<StoredBlob | undefined> {
    if (!(await exists(this.folder.blobLink(name, digest)))) {
      return undefined;
    }
    const path = this.folder.blob(digest);
    try {
      return { path, size: (await stat(path)).size };
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
    await this.folder.moveInto(file, this.folder.blob(digest));
    await this.link(name, digest);
  }

  async mount(options: {
    name: string;
    from: string;
    digest: string;
  }): Promise<boolean> {
    if (!(await this.find(options.from, options.digest))) {
      return false;
    }
    await this.link(options.name, options.digest);
    return true;
  }

  /** Takes the blob out of one repository; other repositories keep it. */
  async remove(name: string, digest: string): Promise<boolean> {
    if (!(await this.find(name, digest))) {
      return false;
    }
    await rm(this.folder.blobLink(name, digest), { force: true });
    return true;
  }

  private async link(name: string, digest: string): Promise<void> {
    await this.folder.write(this.folder.blobLink(name, digest), '');
  }
}

async function digestOfFile(path: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path), hash);
  return `${algorithm}:${hash.digest('hex')}`;
}
