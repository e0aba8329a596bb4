import { parseManifest, type ParsedManifest } from './artifactManifest';
import type { ArtifactStore } from './ArtifactStore';
import { isWasmPlatform } from './chooseEntry';
import { readImageConfig } from './imageConfig';
import { RegistryFailure } from './RegistryFailure';

const mostEntries = 4;

/** What the tag holds, by the digests that a module may have in it. */
export interface EarlierContent {
  digests: readonly string[];
  created: Date;
}

/**
 * What the artifact under a tag holds, and when it was created.
 *
 * A module that is pushed again keeps that time: then nothing of its artifact
 * differs, the digest that is deployed included.
 *
 * @returns nothing for what is of another maker's making
 * @throws RegistryFailure
 */
export async function readEarlierContent(
  store: ArtifactStore,
  tag: string,
  signal?: AbortSignal,
): Promise<EarlierContent[]> {
  const manifest = await readManifest(store, tag, signal);
  const entries = (manifest?.entries ?? [])
    .filter(isWasmPlatform)
    .slice(0, mostEntries);
  const manifests = manifest?.entries
    ? await Promise.all(
        entries.map(({ digest }) => readManifest(store, digest, signal)),
      )
    : [manifest];
  const found: EarlierContent[] = [];
  for (const each of manifests) {
    const content = each && (await contentOf(store, each, signal));
    if (content) {
      found.push(content);
    }
  }
  return found;
}

async function readManifest(
  store: ArtifactStore,
  reference: string,
  signal?: AbortSignal,
): Promise<ParsedManifest | undefined> {
  try {
    const document = await store.getManifest(reference, signal);
    return parseManifest(document, store.name);
  } catch (error) {
    if (
      error instanceof RegistryFailure &&
      (error.code === 'REGISTRY_NOT_FOUND' ||
        // Without a status: it was read, but cannot be understood.
        (error.code === 'REGISTRY_UNEXPECTED' && error.status === undefined))
    ) {
      // Not ours then; it is about to be replaced.
      return undefined;
    }
    throw error;
  }
}

async function contentOf(
  store: ArtifactStore,
  manifest: ParsedManifest,
  signal?: AbortSignal,
): Promise<EarlierContent | undefined> {
  const config = await readImageConfig(store, manifest, signal);
  const noted = manifest.annotations['org.opencontainers.image.created'];
  const created = config?.created ?? new Date(noted ?? NaN);
  return Number.isNaN(created.getTime())
    ? undefined
    : {
        digests: [
          ...manifest.layers.map(({ digest }) => digest),
          ...(config?.rootfs?.diff_ids ?? []),
        ],
        created,
      };
}
