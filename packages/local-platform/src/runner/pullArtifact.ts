import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  formatImageReference,
  isWasiError,
  parseImageReference,
  type ImageReference,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createModuleRegistry,
  type ArtifactManifest,
  type ModuleRegistry,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { RunnerFailure } from './RunnerFailure';

const MAX_MODULE_BYTES = 512 * 1024 * 1024;
const LAYER_TYPES = [
  'application/wasm',
  'application/vnd.wasm.content.layer.v1+wasm',
  'application/vnd.module.wasm.content.layer.v1+wasm',
];

/**
 * A module on this machine's disk.
 *
 * @internal
 */
export interface PulledArtifact {
  path: string;
  /** Digest of the module's bytes. */
  digest: string;
}

/**
 * Gets a module as the real runner does: without credentials, one layer of one
 * of three types; a module that is here already is not fetched again.
 *
 * @throws RunnerFailure `failed`, in the runner's words.
 * @internal
 */
export async function pullArtifact(
  image: string,
  options: {
    directory: string;
    insecureRegistries: readonly string[];
    /** Digests whose files need not be read again; filled here. */
    checked: Set<string>;
    signal: AbortSignal;
  },
): Promise<PulledArtifact> {
  const { directory, insecureRegistries, checked, signal } = options;
  const reference = readReference(image);
  await mkdir(directory, { recursive: true });
  const known = await findKnown(reference, { directory, checked });
  if (known) {
    return known;
  }
  const text = formatImageReference(reference);
  const registry = anonymousRegistry(reference.host, insecureRegistries);
  try {
    const manifest = await registry.describe(text, { signal });
    const layer = checkManifest(manifest);
    const path = modulePath(directory, layer.digest);
    if (!(await isWhole(path, layer.digest, checked))) {
      await registry.pull(manifest.image, path, {
        maxBytes: MAX_MODULE_BYTES,
        signal,
      });
      checked.add(layer.digest);
    }
    await remember(directory, manifest.digest, layer.digest);
    return { path, digest: layer.digest };
  } catch (error) {
    if (error instanceof RunnerFailure || signal.aborted) {
      throw error;
    }
    throw new RunnerFailure(
      'failed',
      runnerWords(error, { reference, insecureRegistries }),
    );
  }
}

function readReference(image: string): ImageReference {
  try {
    return parseImageReference(image.replace(/^oci:\/\//, ''));
  } catch (error) {
    throw new RunnerFailure(
      'failed',
      `invalid reference format: ${(error as Error).message}`,
    );
  }
}

function anonymousRegistry(
  host: string,
  insecureRegistries: readonly string[],
): ModuleRegistry {
  return createModuleRegistry({
    registries: [{ host, insecure: insecureRegistries.includes(host) }],
    // The rest of the configuration is of no concern to a pull.
    toolchains: { directory: '', paths: {} },
    build: { timeoutMs: 0, maxOutputBytes: 0, maxModuleBytes: 0 },
    prebuilt: { allowedHosts: [] },
    invoke: { timeoutMs: 0 },
  });
}

function checkManifest(manifest: ArtifactManifest) {
  if (manifest.index) {
    throw new RunnerFailure(
      'failed',
      "Image manifest not found: no entry found in image index manifest matching client's default platform",
    );
  }
  if (manifest.layers.length === 0) {
    throw new RunnerFailure('failed', 'No layers to pull');
  }
  const foreign = manifest.layers.find(
    layer => !LAYER_TYPES.includes(layer.mediaType),
  );
  if (foreign) {
    throw new RunnerFailure(
      'failed',
      `Incompatible layer media type: ${foreign.mediaType}`,
    );
  }
  if (manifest.layers.length > 1) {
    throw new RunnerFailure(
      'failed',
      `expected to have one layer, got ${manifest.layers.length}`,
    );
  }
  return manifest.layers[0];
}

function runnerWords(
  error: unknown,
  options: { reference: ImageReference; insecureRegistries: readonly string[] },
): string {
  const { reference, insecureRegistries } = options;
  const scheme = insecureRegistries.includes(reference.host) ? 'http' : 'https';
  const url = `${scheme}://${reference.host}/v2/${
    reference.repository
  }/manifests/${reference.digest ?? reference.tag ?? 'latest'}`;
  const why = error instanceof Error ? error.message : String(error);
  switch (isWasiError(error) ? error.code : undefined) {
    case 'REGISTRY_UNAUTHENTICATED':
    case 'REGISTRY_FORBIDDEN':
      return `Not authorized: url ${url}`;
    case 'REGISTRY_NOT_FOUND':
      return `Registry error: url ${url}, envelope: OCI API errors: [OCI API error: manifest unknown]`;
    case 'REGISTRY_UNREACHABLE':
      return `error sending request for url (${url}): ${why}`;
    default:
      return `Registry error: url ${url}: ${why}`;
  }
}

/** A digest names the same bytes for ever, so that a module starts while its registry is down. */
async function findKnown(
  { digest }: ImageReference,
  { directory, checked }: { directory: string; checked: Set<string> },
): Promise<PulledArtifact | undefined> {
  if (!digest) {
    return undefined;
  }
  let layer: string;
  try {
    layer = await readFile(manifestPath(directory, digest), 'utf8');
  } catch {
    // Never pulled: it is now.
    return undefined;
  }
  const path = modulePath(directory, layer);
  return (await isWhole(path, layer, checked))
    ? { path, digest: layer }
    : undefined;
}

async function remember(
  directory: string,
  manifestDigest: string,
  layerDigest: string,
): Promise<void> {
  const path = manifestPath(directory, manifestDigest);
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, layerDigest);
  await rename(draft, path);
}

/** A file that is not what its name says is fetched again. */
async function isWhole(
  path: string,
  digest: string,
  checked: Set<string>,
): Promise<boolean> {
  if (checked.has(digest)) {
    return await stat(path).then(
      () => true,
      () => false,
    );
  }
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch {
    // Not there, or not readable: a pull tells more.
    return false;
  }
  if (`sha256:${hash.digest('hex')}` !== digest) {
    return false;
  }
  checked.add(digest);
  return true;
}

/** Where a module of this digest is kept. */
export function modulePath(directory: string, digest: string): string {
  return join(directory, `${digest.replace(':', '-')}.wasm`);
}

function manifestPath(directory: string, digest: string): string {
  return join(directory, `${digest.replace(':', '-')}.manifest`);
}
