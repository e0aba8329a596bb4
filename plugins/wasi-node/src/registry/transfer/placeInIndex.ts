import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { parseManifest } from '../artifactManifest';
import type { ArtifactStore } from '../ArtifactStore';
import { descriptorSchema } from '../descriptor';
import { toDocument } from '../formats/documents';
import type { ComposedEntry, IndexWriter } from '../formats/types';
import { readImageConfig } from '../imageConfig';
import type { ManifestDocument } from '../manifests';
import { DOCKER_CONFIG, OCI_CONFIG } from '../mediaTypes';
import { parseJson } from '../parseJson';
import { copyTree } from './copyTree';

/** An index, with fields and entries that we need not understand. */
interface IndexDocument {
  mediaType?: string;
  manifests: unknown[];
}

/**
 * Puts entries into the index at the tag, in the place of those that they replace.
 * Entries of other platforms stay as they are, word for word.
 *
 * Not atomic: of two pushes to one tag at the same time, one may be lost.
 */
export async function placeInIndex(
  store: ArtifactStore,
  options: {
    entries: ComposedEntry[];
    writer: IndexWriter;
    isPresent: boolean;
    beside?: ArtifactStore;
    signal?: AbortSignal;
  },
): Promise<{ digest: string; uploadedBytes: number }> {
  const { entries, writer, isPresent, beside, signal } = options;
  const tag = store.reference;
  const present = isPresent ? await store.getManifest(tag, signal) : undefined;
  const base = beside
    ? await readIndex(
        beside,
        await beside.getManifest(beside.reference, signal),
        options,
      )
    : present && (await readIndex(store, present, options));
  const others = (base?.manifests ?? []).filter(
    entry => !writer.replaces(platformIn(entry)),
  );
  if (beside && !others.length) {
    throw new WasiError('INPUT_INVALID', {
      message: `${beside.name} holds no image of another platform`,
      remedy: 'Name a container image, or leave it out.',
    });
  }
  const mediaType = (!writer.only && base?.mediaType) || writer.mediaType;
  const index = toDocument({
    schemaVersion: 2,
    ...base,
    mediaType,
    manifests: [...others, ...entries.map(describeEntry)],
  });

  let uploadedBytes = 0;
  for (const { manifest } of entries) {
    if (!(await store.findManifest(manifest.digest, signal))) {
      await store.putManifest({ ...manifest, signal });
      uploadedBytes += manifest.bytes.length;
    }
  }
  if (beside) {
    for (const entry of others) {
      const { digest } = descriptorSchema.parse(entry);
      uploadedBytes += (
        await copyTree({ from: beside, to: store, reference: digest, signal })
      ).copiedBytes;
    }
  }
  if (present?.digest !== index.digest) {
    await store.putManifest({ ...index, mediaType, tag, signal });
    uploadedBytes += index.bytes.length;
  }
  return { digest: index.digest, uploadedBytes };
}

async function readIndex(
  store: ArtifactStore,
  document: ManifestDocument,
  { writer, signal }: { writer: IndexWriter; signal?: AbortSignal },
): Promise<IndexDocument> {
  const manifest = parseManifest(document, store.name);
  if (manifest.entries) {
    const index = parseJson(document.bytes) as IndexDocument;
    return {
      ...index,
      mediaType: manifest.mediaType,
      manifests: index.manifests ?? [],
    };
  }
  if (writer.only) {
    throw new WasiError('IMAGE_TAG_TAKEN', {
      message: `${store.name}:${store.reference} is a single manifest of type ${manifest.mediaType}, where kpt needs a list of platforms`,
      remedy: 'Push to another tag, or delete this one.',
    });
  }
  const isImage = [OCI_CONFIG, DOCKER_CONFIG].includes(
    manifest.config?.mediaType ?? '',
  );
  const config = isImage
    ? await readImageConfig(store, manifest, signal)
    : undefined;
  if (!config?.os || /^wasm/.test(config.architecture)) {
    // A module on its own, which is replaced as every tag is.
    return { manifests: [] };
  }
  const { os, architecture, variant } = config;
  return {
    manifests: [
      {
        mediaType: manifest.mediaType,
        digest: document.digest,
        size: document.bytes.length,
        platform: { os, architecture, ...(variant && { variant }) },
      },
    ],
  };
}

function platformIn(entry: unknown): { os: string; architecture: string } {
  const { platform } = descriptorSchema.parse(entry);
  return platform ?? { os: '', architecture: '' };
}

function describeEntry({ manifest, platform, artifactType }: ComposedEntry) {
  return {
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: manifest.bytes.length,
    ...(artifactType && { artifactType }),
    platform,
  };
}
