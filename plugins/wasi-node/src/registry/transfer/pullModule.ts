import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  WasiError,
  type FoundArtifactFormat,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ArtifactStore } from '../ArtifactStore';
import type { PulledModule, PullModuleOptions } from '../types';
import { extractModule } from './extractModule';
import { locateModule, type ModuleLocation } from './locateModule';

/** Packed content that cannot be packed is a little larger. */
const packingBytes = 1024 * 1024;

/** Writes the module of an artifact, of any format, to a file. */
export async function pullModule(
  store: ArtifactStore,
  targetPath: string,
  options: PullModuleOptions,
): Promise<PulledModule> {
  const { maxBytes, signal } = options;
  const located = await locateModule(store, options);
  const name = `${store.name}@${located.manifestDigest}`;
  const facts = {
    manifestDigest: located.manifestDigest,
    ...(located.platform !== undefined && { platform: located.platform }),
  };
  if (located.kind === 'file') {
    const { format, path, digest, size } = await pullFile(store, located, {
      targetPath,
      maxBytes,
      name,
      signal,
    });
    return { digest, size, format, file: path, ...facts };
  }
  const { layer, format } = located;
  if (layer.size > maxBytes) {
    throw new WasiError('MODULE_TOO_LARGE', {
      message: `The module of ${name} has ${layer.size} bytes, and ${maxBytes} are allowed`,
    });
  }
  await store.downloadBlob(layer, { targetPath, signal });
  return { digest: layer.digest, size: layer.size, format, ...facts };
}

async function pullFile(
  store: ArtifactStore,
  { layers, ...search }: Extract<ModuleLocation, { kind: 'file' }>,
  options: {
    targetPath: string;
    maxBytes: number;
    name: string;
    signal?: AbortSignal;
  },
) {
  const { name, maxBytes, signal } = options;
  const scratch = await mkdtemp(join(tmpdir(), 'wasi-pull-'));
  try {
    let left = maxBytes + packingBytes;
    for (const [position, layer] of layers.entries()) {
      left -= layer.size;
      if (left < 0) {
        throw new WasiError('MODULE_TOO_LARGE', {
          message: `The layers of ${name} that have to be looked through have more than ${maxBytes} bytes`,
        });
      }
      // Whole and verified before anything in it is believed.
      const layerPath = join(scratch, `layer-${position}`);
      await store.downloadBlob(layer, { targetPath: layerPath, signal });
      const found = await extractModule({ ...options, layerPath, search });
      await rm(layerPath);
      if (found === 'hidden') {
        break;
      }
      if (found) {
        return { ...found, format: formatOf(found.path, search.entrypoint) };
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  throw new WasiError('IMAGE_WITHOUT_MODULE', {
    message: search.entrypoint
      ? `${name} has no file ${JSON.stringify(
          search.entrypoint.slice(0, 200),
        )}, which it says it runs`
      : `${name} has no file that could be a module`,
  });
}

function formatOf(
  path: string,
  entrypoint: string | undefined,
): FoundArtifactFormat {
  if (entrypoint !== undefined) {
    return 'compat';
  }
  return path.endsWith('/plugin.wasm') ? 'istio-compat' : 'kpt';
}
