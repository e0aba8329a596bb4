import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from './BlobStore';
import {
  readManifestDocument,
  type Descriptor,
  type ManifestFacts,
} from './manifestDocument';
import { RegistryError } from './RegistryError';
import { exists, isMissing, list, type RegistryFolder } from './RegistryFolder';
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
    const digest = digestOf(bytes, algorithm);
    if (isDigest(reference) && reference !== digest) {
      throw new RegistryError(
        400,
        'DIGEST_INVALID',
        'provided digest did not match uploaded content',
      );
    }
    await this.folder.exclusively(async () => {
      await this.checkContent(name, facts);
      await this.store({ name, digest, bytes, facts });
      if (!isDigest(reference)) {
        await this.folder.write(
          join(this.folder.tags(name), tagToFile(reference)),
          digest,
        );
      }
    });
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
    if (!facts || !bytes || digestOf(bytes, digest.split(':')[0]) !== digest) {
      return undefined;
    }
    return { digest, mediaType: facts.mediaType, bytes };
  }

  /** By tag: takes the tag away. By digest: takes the manifest and its tags away. */
  async remove(name: string, reference: string): Promise<boolean> {
    return this.folder.exclusively(() => this.removeNow(name, reference));
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
    const found: Descriptor[] = [];
    for (const descriptor of descriptors) {
      if (descriptor && (await this.has(name, descriptor.digest))) {
        found.push(descriptor);
      }
    }
    return found.sort((a, b) => (a.digest < b.digest ? -1 : 1));
  }

  /** The facts come last: a manifest is there, in every list, with them or not at all. */
  private async store(options: {
    name: string;
    digest: string;
    bytes: Uint8Array;
    facts: ManifestFacts;
  }): Promise<void> {
    const { name, digest, bytes, facts } = options;
    const path = this.folder.manifest(name, digest);
    await this.folder.write(path, bytes);
    if (facts.subject) {
      await this.folder.write(
        join(this.folder.referrers(name, facts.subject), fileName(digest)),
        JSON.stringify(toDescriptor(facts, digest, bytes.length)),
      );
    }
    await this.folder.write(`${path}.json`, JSON.stringify(facts));
  }

  private async has(name: string, digest: string): Promise<boolean> {
    return exists(`${this.folder.manifest(name, digest)}.json`);
  }

  private async removeNow(name: string, reference: string): Promise<boolean> {
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
    await rm(`${path}.json`, { force: true });
    if (facts.subject) {
      await rm(
        join(this.folder.referrers(name, facts.subject), fileName(reference)),
        { force: true },
      );
    }
    await rm(path, { force: true });
    return true;
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
      if (!(await this.has(name, digest))) {
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

// `V1` and `v1` are two tags, but one file where the disk ignores case: the places
// of capitals follow as a bit mask, which keeps the longest tag a file name.
function tagToFile(tag: string): string {
  const capitals = [...tag].map(letter => (/[A-Z]/.test(letter) ? '1' : '0'));
  const mask = BigInt(`0b${capitals.reverse().join('')}`);
  return mask ? `${tag.toLowerCase()}+${mask.toString(16)}` : tag;
}

function fileToTag(file: string): string {
  const [lower, hex] = file.split('+');
  const mask = BigInt(`0x${hex ?? '0'}`);
  return [...lower]
    .map((letter, place) =>
      (mask >> BigInt(place)) & 1n ? letter.toUpperCase() : letter,
    )
    .join('');
}

function digestOf(bytes: Uint8Array, algorithm: string): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
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
