import { createHash } from 'node:crypto';
import { lstat, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { parseManifest } from '../artifactManifest';
import type { ArtifactStore } from '../ArtifactStore';
import type { Blob } from '../blobs';
import type { Descriptor } from '../descriptor';
import type { BlobDescriptor } from '../downloadBlob';
import type { ManifestDocument } from '../manifests';
import { RegistryFailure } from '../RegistryFailure';
import { archiveInvalid } from '../tar/archiveInvalid';
import { verifiedChunks } from '../verifiedChunks';
import { openLayoutFile, readLayoutFile } from './layoutFiles';
import {
  readLayoutIndex,
  tagged,
  tagOf,
  writeLayoutIndex,
} from './layoutIndex';
import { writeWhole } from './writeWhole';

const maxManifestBytes = 4 * 1024 * 1024;
const digestPattern = /^(sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;

/**
 * An OCI image layout in a folder, as a store.
 *
 * What it holds is not trusted: its files are opened by their digests alone, must
 * be files, and must have the digest that they are named by.
 *
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
export class LayoutStore implements ArtifactStore {
  private constructor(
    private readonly directory: string,
    readonly name: string,
    readonly reference: string,
  ) {}

  /**
   * @param options - `name`: what users call it. `reference`: tag or digest; may
   * be left out where the layout holds a single image.
   */
  static async open(options: {
    directory: string;
    name: string;
    reference?: string;
    purpose: 'pull' | 'push';
  }): Promise<LayoutStore> {
    const { directory, name, reference, purpose } = options;
    if (purpose === 'push') {
      await createLayout(directory);
      return new LayoutStore(directory, name, reference ?? 'latest');
    }
    const index = await readLayoutIndex(directory);
    if (!index) {
      throw new WasiError('REGISTRY_NOT_FOUND', {
        message: `${name} is no OCI image layout`,
        remedy:
          'Name a folder or archive that `oci-layout` and `index.json` are in.',
      });
    }
    return new LayoutStore(
      directory,
      name,
      reference ?? onlyImage(index.entries, name),
    );
  }

  async findManifest(
    reference: string,
  ): Promise<{ digest?: string } | undefined> {
    const digest = await this.digestOf(reference);
    const file = digest && (await this.openBlob(digest));
    if (!file) {
      return undefined;
    }
    await file.handle.close();
    return { digest };
  }

  async getManifest(reference: string): Promise<ManifestDocument> {
    const digest = await this.digestOf(reference);
    const bytes =
      digest &&
      (await readLayoutFile(await this.blobPath(digest), maxManifestBytes));
    if (!digest || !bytes) {
      throw this.missing(reference);
    }
    const [algorithm] = digest.split(':');
    const actual = `${algorithm}:${createHash(algorithm)
      .update(bytes)
      .digest('hex')}`;
    if (actual !== digest) {
      throw new RegistryFailure('REGISTRY_DIGEST_MISMATCH', {
        message: `${this.name} has ${actual} in the place of ${digest}`,
      });
    }
    return { bytes, digest };
  }

  async putManifest(options: {
    tag?: string;
    bytes: Buffer;
    digest: string;
    mediaType: string;
  }): Promise<void> {
    const { tag, bytes, digest, mediaType } = options;
    await this.store({ digest, size: bytes.length, content: () => bytes });
    const { subject } = parseManifest(
      { bytes, digest, contentType: mediaType },
      this.name,
    );
    // What nothing names is found by the index alone.
    if (tag !== undefined || subject) {
      await this.addEntry({ mediaType, digest, size: bytes.length }, tag);
    }
  }

  async ensureBlob(blob: Blob): Promise<number> {
    const file = await this.openBlob(blob.digest);
    await file?.handle.close();
    if (file?.size === blob.size) {
      return 0;
    }
    await this.store(blob);
    return blob.size;
  }

  readBlob(
    blob: BlobDescriptor,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    return verifiedChunks(this.chunksOf(blob.digest, signal), blob, this.name);
  }

  async downloadBlob(
    blob: BlobDescriptor,
    { targetPath, signal }: { targetPath: string; signal?: AbortSignal },
  ): Promise<void> {
    await writeWhole(targetPath, this.readBlob(blob, signal));
  }

  async listReferrers(subject: string): Promise<{ digest: string }[]> {
    const index = await readLayoutIndex(this.directory);
    const found = [];
    for (const { digest } of index?.entries ?? []) {
      const document = await this.getManifest(digest);
      if (parseManifest(document, this.name).subject?.digest === subject) {
        found.push({ digest });
      }
    }
    return found;
  }

  async announceReferrers(): Promise<void> {
    // Its index names everything that has a subject.
  }

  private async digestOf(reference: string): Promise<string | undefined> {
    if (digestPattern.test(reference)) {
      return reference;
    }
    const index = await readLayoutIndex(this.directory);
    return index?.entries.find(entry => tagOf(entry) === reference)?.digest;
  }

  private async addEntry(entry: Descriptor, tag?: string): Promise<void> {
    const index = await readLayoutIndex(this.directory);
    const others = (index?.entries ?? []).filter(other =>
      tag === undefined
        ? other.digest !== entry.digest
        : tagOf(other) !== tag &&
          // The same image does not need to stay without a name as well.
          (other.digest !== entry.digest || tagOf(other) !== undefined),
    );
    await writeLayoutIndex(this.directory, {
      rest: index?.rest ?? {},
      entries: [...others, tagged(entry, tag)],
    });
  }

  private async *chunksOf(
    digest: string,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const file = await this.openBlob(digest);
    if (!file) {
      throw this.missing(digest);
    }
    // Closes the file, also where the reader stops early.
    for await (const chunk of file.handle.createReadStream()) {
      if (signal?.aborted) {
        throw new RegistryFailure('REGISTRY_ABORTED', {
          message: `The transfer from ${this.name} was cancelled`,
        });
      }
      yield chunk;
    }
  }

  private async openBlob(digest: string) {
    return openLayoutFile(await this.blobPath(digest));
  }

  private async store(blob: Blob): Promise<void> {
    const content = blob.content();
    const chunks = content instanceof Uint8Array ? toAsync([content]) : content;
    await writeWhole(
      await this.blobPath(blob.digest, { create: true }),
      verifiedChunks(chunks, blob, `What is written to ${this.name}`),
    );
  }

  private async blobPath(
    digest: string,
    { create = false } = {},
  ): Promise<string> {
    const [algorithm, encoded] = digest.split(':');
    let folder = this.directory;
    for (const name of ['blobs', algorithm]) {
      folder = join(folder, name);
      if (create) {
        await mkdir(folder, { recursive: true });
      }
      await requireFolder(folder);
    }
    return join(folder, encoded);
  }

  private missing(reference: string): RegistryFailure {
    return new RegistryFailure('REGISTRY_NOT_FOUND', {
      message: `${this.name} has nothing under ${reference}`,
    });
  }
}

async function createLayout(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  if (!(await readLayoutIndex(directory))) {
    await writeFile(
      join(directory, 'oci-layout'),
      '{"imageLayoutVersion":"1.0.0"}',
      { flag: 'wx' },
    );
    await writeLayoutIndex(directory, { entries: [], rest: {} });
  }
}

function onlyImage(entries: readonly Descriptor[], name: string): string {
  if (entries.length === 1) {
    return entries[0].digest;
  }
  const tags = entries.flatMap(entry => tagOf(entry) ?? []);
  throw new WasiError('IMAGE_REFERENCE_INVALID', {
    message: `${name} holds ${entries.length} images${
      tags.length ? `: ${tags.slice(0, 20).join(', ')}` : ''
    }`,
    remedy: 'Name one of them behind a colon.',
  });
}

/** A link would have us read and write in another place. */
async function requireFolder(path: string): Promise<void> {
  try {
    if (!(await lstat(path)).isDirectory()) {
      throw archiveInvalid('its folder of blobs is no folder');
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw error;
    }
    // Not there yet: then there are no blobs in it.
  }
}

async function* toAsync<Item>(items: Item[]): AsyncGenerator<Item> {
  yield* items;
}
