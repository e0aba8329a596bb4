import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from './BlobStore';
import {
  readManifestDocument,
  type Descriptor,
  type ManifestFacts,
} from './manifestDocument';
import { RegistryError } from './RegistryError';
import { exists, isMissing, type RegistryFolder } from './RegistryFolder';
import { isDigest } from './registryPath';

/** A stored manifest with the exact bytes that were pushed. @internal */
export interface StoredManifest {
  digest: string;
  mediaType: string;
  bytes: Buffer;
}

/**
 * Manifests, tags and referrers of the repositories.
 *
 * @internal
 */
export class ManifestStore {
  private readonly folder: RegistryFolder;
  private readonly blobs: BlobStore;

  constructor(folder: RegistryFolder, blobs: BlobStore) {
    this.folder = folder;
    this.blobs = blobs;
  }

  async put(options: {
    name: string;
    reference: string;
    bytes: Uint8Array;
    contentType: string | undefined;
  }): Promise<{ digest: string; subject?: string }> {
    const { name, reference, bytes } = options;
    const facts = readManifestDocument(bytes, options.contentType);
    const algorithm = isDigest(reference) ? reference.split(':')[0] : 'sha256';
    const digest = `${algorithm}:${createHash(algorithm)
      .update(bytes)
      .digest('hex')}`;
    if (isDigest(reference) && reference !== digest) {
      throw new RegistryError(
        400,
        'DIGEST_INVALID',
        'provided digest did not match uploaded content',
      );
    }
    await this.checkContent(name, facts);
    // The tag comes last: whoever can see it can pull all of it.
    const path = this.folder.manifest(name, digest);
    await this.folder.write(path, bytes);
    await this.folder.write(`${path}.json`, JSON.stringify(facts));
    if (facts.subject) {
      await this.folder.write(
        join(this.folder.referrers(name, facts.subject), fileName(digest)),
        JSON.stringify(toDescriptor(facts, digest, bytes.length)),
      );
    }
    if (!isDigest(reference)) {
      await this.folder.write(
        join(this.folder.tags(name), tagToFile(reference)),
        digest,
      );
    }
    return { digest, subject: facts.subject };
  }

  async get(
    name: string,
    reference: string,
  ): Promise<StoredManifest | undefined> {
    const digest = isDigest(reference)
      ? reference
      : await this.resolveTag(name, reference);
    if (!digest) {
      return undefined;
    }
    const path = this.folder.manifest(name, digest);
    const facts = await readJson<ManifestFacts>(`${path}.json`);
    const bytes = await readWhole(path);
    return facts && bytes && { digest, mediaType: facts.mediaType, bytes };
  }

  /** By tag: takes the tag away. By digest: takes the manifest and its tags away. */
  async remove(name: string, reference: string): Promise<boolean> {
    if (!isDigest(reference)) {
      if (!(await this.resolveTag(name, reference))) {
        return false;
      }
      await rm(join(this.folder.tags(name), tagToFile(reference)), {
        force: true,
      });
      return true;
    }
    const path = this.folder.manifest(name, reference);
    const facts = await readJson<ManifestFacts>(`${path}.json`);
    if (!facts) {
      return false;
    }
    for (const tag of (await this.tags(name)) ?? []) {
      if ((await this.resolveTag(name, tag)) === reference) {
        await rm(join(this.folder.tags(name), tagToFile(tag)), { force: true });
      }
    }
    if (facts.subject) {
      await rm(
        join(this.folder.referrers(name, facts.subject), fileName(reference)),
        { force: true },
      );
    }
    await rm(`${path}.json`, { force: true });
    await rm(path, { force: true });
    return true;
  }

  /** Tags in the order of the specification; absent when there is no such repository. */
  async tags(name: string): Promise<string[] | undefined> {
    const files = await list(this.folder.tags(name));
    if (!files.length && !(await exists(this.folder.repository(name)))) {
      return undefined;
    }
    return files.map(fileToTag).sort(compareTags);
  }

  async referrers(name: string, subject: string): Promise<Descriptor[]> {
    const directory = this.folder.referrers(name, subject);
    const descriptors = await Promise.all(
      (
        await list(directory)
      ).map(file => readJson<Descriptor>(join(directory, file))),
    );
    return descriptors
      .filter(descriptor => descriptor !== undefined)
      .sort((a, b) => (a.digest < b.digest ? -1 : 1));
  }

  private async resolveTag(
    name: string,
    tag: string,
  ): Promise<string | undefined> {
    const file = join(this.folder.tags(name), tagToFile(tag));
    return (await readWhole(file))?.toString('utf8');
  }

  private async checkContent(
    name: string,
    facts: ManifestFacts,
  ): Promise<void> {
    for (const digest of facts.blobs) {
      if (!(await this.blobs.find(name, digest))) {
        throw unknownContent(`blob ${digest}`);
      }
    }
    for (const digest of facts.manifests) {
      if (!(await exists(`${this.folder.manifest(name, digest)}.json`))) {
        throw unknownContent(`manifest ${digest}`);
      }
    }
  }
}

/**
 * The specification's "lexical order (i.e. case-insensitive alphanumeric order)".
 *
 * @internal
 */
export function compareTags(a: string, b: string): number {
  const [lowerA, lowerB] = [a.toLowerCase(), b.toLowerCase()];
  if (lowerA !== lowerB) {
    return lowerA < lowerB ? -1 : 1;
  }
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}

function unknownContent(what: string): RegistryError {
  return new RegistryError(
    400,
    'MANIFEST_BLOB_UNKNOWN',
    `the manifest references an unknown ${what}`,
  );
}

function toDescriptor(
  facts: ManifestFacts,
  digest: string,
  size: number,
): Descriptor {
  const { mediaType, artifactType, annotations } = facts;
  return { mediaType, digest, size, artifactType, annotations };
}

function fileName(digest: string): string {
  return digest.replace(':', '-');
}

// `V1` and `v1` are two tags, but one file where the disk ignores case.
function tagToFile(tag: string): string {
  return tag.replace(/[A-Z]/g, letter => `+${letter.toLowerCase()}`);
}

function fileToTag(file: string): string {
  return file.replace(/\+([a-z])/g, (_, letter: string) =>
    letter.toUpperCase(),
  );
}

async function readJson<Document>(path: string): Promise<Document | undefined> {
  const bytes = await readWhole(path);
  return bytes && (JSON.parse(bytes.toString('utf8')) as Document);
}

async function readWhole(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) {
      return undefined;
    }
    throw error;
  }
}

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) {
      return [];
    }
    throw error;
  }
}
