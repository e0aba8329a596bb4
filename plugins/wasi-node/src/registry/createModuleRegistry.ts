import type { lookup as resolveHost } from 'node:dns';
import { basename } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasiConfig } from '../config';
import { readArtifactManifest } from './artifactManifest';
import { ensureBlob } from './blobs';
import { downloadBlob } from './downloadBlob';
import { earlierCreation } from './earlierCreation';
import { findManifest, getManifest, putManifest } from './manifests';
import { WASM_LAYERS } from './mediaTypes';
import {
  checkFileSize,
  readFileChunks,
  type InspectedFile,
} from './readFileChunks';
import { RegistryFailure } from './RegistryFailure';
import type { RegistrySession } from './registrySession';
import { createRegistrySessions } from './registrySessions';
import type { RegistryTarget } from './registryTarget';
import type { Pause } from './retry';
import type { RegistryTimeouts } from './transport';
import type {
  ArtifactLayer,
  ArtifactManifest,
  ModuleRegistry,
  PulledModule,
  PushedModule,
  PushModuleOptions,
} from './types';
import { composeWasmArtifact } from './wasmArtifact';

/**
 * How patient a registry client is.
 *
 * @public
 */
export interface ModuleRegistryOptions {
  /** Milliseconds; see the defaults in the README. */
  timeouts?: Partial<RegistryTimeouts>;
  /** Waits before something is tried again; replaced in tests. */
  pause?: Pause;
  /** Finds the addresses of a host; replaced in tests. */
  resolve?: typeof resolveHost;
}

/**
 * Creates the registry client of the plugin set.
 *
 * @param config - Only the registries that it lists are spoken to.
 * @public
 */
export function createModuleRegistry(
  config: WasiConfig,
  options: ModuleRegistryOptions = {},
): ModuleRegistry {
  const sessions = createRegistrySessions(config, options);

  return {
    async push(push) {
      const session = await sessions.open(push.reference, 'push', push);
      if (session.target.reference.digest !== undefined) {
        throw new WasiError('IMAGE_REFERENCE_INVALID', {
          message: `${push.reference} names a digest, which a push cannot choose`,
          remedy: 'Push to a tag; the digest is part of the answer.',
        });
      }
      return pushModule(session, push);
    },

    async describe(reference, { signal } = {}) {
      const session = await sessions.open(reference, 'pull', { signal });
      return describeArtifact(session, signal);
    },

    async pull(reference, targetPath, { maxBytes, signal }) {
      const session = await sessions.open(reference, 'pull', { signal });
      return pullModule(session, { targetPath, maxBytes, signal });
    },

    async canPullAnonymously(reference, { signal } = {}) {
      const session = sessions.openAnonymously(reference);
      try {
        return (
          (await findManifest(session, referenceOf(session.target), signal)) !==
          undefined
        );
      } catch (error) {
        if (
          error instanceof RegistryFailure &&
          ['REGISTRY_UNAUTHENTICATED', 'REGISTRY_FORBIDDEN'].includes(
            error.code,
          )
        ) {
          return false;
        }
        throw error;
      }
    },
  };
}

async function pushModule(
  session: RegistrySession,
  options: PushModuleOptions,
): Promise<PushedModule> {
  const { path, inspection, annotations, signal, onProgress } = options;
  const { target } = session;
  const created = new Date(options.created);
  if (Number.isNaN(created.getTime())) {
    throw new WasiError('INPUT_INVALID', {
      message: `The time of creation of ${basename(path)} is not a date`,
    });
  }
  const { digest: layerDigest, size } = inspection;
  const file = { path, digest: layerDigest, size };
  await checkFileSize(file);
  const tag = referenceOf(target);
  const present = await findManifest(session, tag, signal);
  const earlier =
    present && (await earlierCreation(session, { tag, layerDigest, signal }));
  const { config, manifest } = composeWasmArtifact({
    inspection,
    layer: { digest: layerDigest, size, title: basename(path) },
    created: earlier ?? created,
    annotations,
  });
  let uploadedBytes = await ensureBlob(
    session,
    {
      digest: layerDigest,
      size,
      content: () => sendFile(file, { onProgress, signal }),
    },
    signal,
  );
  if (uploadedBytes === 0) {
    await checkFile(file, signal);
  }
  uploadedBytes += await ensureBlob(
    session,
    {
      digest: config.digest,
      size: config.bytes.length,
      content: () => config.bytes,
    },
    signal,
  );
  if (present?.digest !== manifest.digest) {
    await putManifest(session, { ...manifest, tag, signal });
    uploadedBytes += manifest.bytes.length;
  }
  return {
    image: imageOf(target, manifest.digest),
    digest: manifest.digest,
    layerDigest,
    size,
    uploadedBytes,
  };
}

async function* sendFile(
  file: InspectedFile,
  { onProgress, signal }: Pick<PushModuleOptions, 'onProgress' | 'signal'>,
): AsyncGenerator<Buffer> {
  let sentBytes = 0;
  for await (const chunk of readFileChunks(file, signal)) {
    yield chunk;
    sentBytes += chunk.length;
    onProgress?.({ sentBytes, totalBytes: file.size });
  }
}

async function checkFile(
  file: InspectedFile,
  signal?: AbortSignal,
): Promise<void> {
  for await (const _ of readFileChunks(file, signal)) {
    // Nothing to send: only whether it is still the file that was inspected.
  }
}

async function describeArtifact(
  session: RegistrySession,
  signal?: AbortSignal,
): Promise<ArtifactManifest> {
  const { target } = session;
  const document = await getManifest(session, referenceOf(target), signal);
  return {
    image: imageOf(target, document.digest),
    digest: document.digest,
    ...readArtifactManifest(document, `${target.host}/${target.repository}`),
  };
}

async function pullModule(
  session: RegistrySession,
  options: { targetPath: string; maxBytes: number; signal?: AbortSignal },
): Promise<PulledModule> {
  const { targetPath, maxBytes, signal } = options;
  const artifact = await describeArtifact(session, signal);
  const layer = moduleLayer(artifact);
  if (layer.size > maxBytes) {
    throw new WasiError('MODULE_TOO_LARGE', {
      message: `The module of ${artifact.image} has ${layer.size} bytes, and ${maxBytes} are allowed`,
    });
  }
  await downloadBlob(session, layer, { targetPath, signal });
  return {
    digest: layer.digest,
    size: layer.size,
    manifestDigest: artifact.digest,
  };
}

// The runner's rule: one layer, of one of three types.
function moduleLayer(artifact: ArtifactManifest): ArtifactLayer {
  if (artifact.index) {
    throw new WasiError('IMAGE_INDEX_UNSUPPORTED', {
      message: `${artifact.image} is an index of several images`,
    });
  }
  const foreign = artifact.layers.find(
    layer => !WASM_LAYERS.includes(layer.mediaType),
  );
  if (foreign) {
    throw new WasiError('IMAGE_LAYOUT_UNSUPPORTED', {
      message: `${artifact.image} has a layer of type ${foreign.mediaType}, which is no module`,
    });
  }
  if (artifact.layers.length !== 1) {
    throw new WasiError('IMAGE_LAYOUT_UNSUPPORTED', {
      message: `${artifact.image} has ${artifact.layers.length} layers where a module is one`,
    });
  }
  return artifact.layers[0];
}

function referenceOf({ reference }: RegistryTarget): string {
  return reference.digest ?? reference.tag ?? 'latest';
}

function imageOf(target: RegistryTarget, digest: string): string {
  return `${target.host}/${target.repository}@${digest}`;
}
