import { posix } from 'node:path';
import {
  WasiError,
  type FoundArtifactFormat,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { parseManifest, type ParsedManifest } from '../artifactManifest';
import type { ArtifactStore } from '../ArtifactStore';
import { chooseEntry, platformOf } from '../chooseEntry';
import type { Descriptor } from '../descriptor';
import { readImageConfig, type ImageConfig } from '../imageConfig';
import {
  BARE_LAYERS,
  DOCKER_TAR,
  DOCKER_TAR_GZIP,
  KRUSTLET_LAYER,
  OCI_CONFIG,
  OCI_TAR,
  OCI_TAR_GZIP,
  PROXY_CONFIG_LAYER,
  PROXY_LAYER,
  RUNWASI_LAYER,
  SPIN_APPLICATION,
} from '../mediaTypes';

const TAR_LAYERS: readonly string[] = [
  OCI_TAR,
  OCI_TAR_GZIP,
  DOCKER_TAR,
  DOCKER_TAR_GZIP,
];

/** Where in an artifact the module is. */
export type ModuleLocation = {
  manifestDigest: string;
  /** Of the index that it was chosen from. */
  platform?: string;
} & (
  | { kind: 'bare'; format: FoundArtifactFormat; layer: Descriptor }
  | {
      kind: 'file';
      /** The uppermost first. */
      layers: Descriptor[];
      /** What the image runs; without it, what the layer holds decides. */
      entrypoint?: string;
      /** Whether a file of any name may be the module. */
      anyFile: boolean;
    }
);

/**
 * Finds the module in an artifact of any format that modules come in.
 *
 * @throws WasiError `IMAGE_WITHOUT_MODULE`, `IMAGE_LAYOUT_UNSUPPORTED`; RegistryFailure
 */
export async function locateModule(
  store: ArtifactStore,
  { platform, signal }: { platform?: string; signal?: AbortSignal },
): Promise<ModuleLocation> {
  const document = await store.getManifest(store.reference, signal);
  const name = `${store.name}@${document.digest}`;
  const manifest = parseManifest(document, store.name);
  if (!manifest.entries) {
    if (platform !== undefined) {
      throw new WasiError('INPUT_INVALID', {
        message: `${name} is no index, so there is no ${platform} to choose`,
        remedy: 'Leave the platform out.',
      });
    }
    const located = await locateInManifest(store, { manifest, name, signal });
    return { ...located, manifestDigest: document.digest };
  }
  const entry = chooseEntry(manifest.entries, { name, platform });
  const chosen = await store.getManifest(entry.digest, signal);
  const inner = parseManifest(chosen, store.name);
  if (inner.entries) {
    throw new WasiError('IMAGE_LAYOUT_UNSUPPORTED', {
      message: `${name} is an index of indexes`,
      remedy: 'Name the inner index by its digest.',
    });
  }
  const located = await locateInManifest(store, {
    manifest: inner,
    name: `${store.name}@${chosen.digest}`,
    signal,
  });
  return {
    ...located,
    manifestDigest: chosen.digest,
    platform: platformOf(entry),
  };
}

type Located =
  | Pick<Extract<ModuleLocation, { kind: 'bare' }>, 'kind' | 'format' | 'layer'>
  | Pick<
      Extract<ModuleLocation, { kind: 'file' }>,
      'kind' | 'layers' | 'entrypoint' | 'anyFile'
    >;

async function locateInManifest(
  store: ArtifactStore,
  options: { manifest: ParsedManifest; name: string; signal?: AbortSignal },
): Promise<Located> {
  const { manifest, name, signal } = options;
  const { layers } = manifest;
  const bare = layers.filter(({ mediaType }) =>
    BARE_LAYERS.includes(mediaType),
  );
  if (bare.length) {
    return locateBare(manifest, { name, bare });
  }
  const foreign = layers.find(
    ({ mediaType }) => !TAR_LAYERS.includes(mediaType),
  );
  if (foreign) {
    throw new WasiError('IMAGE_LAYOUT_UNSUPPORTED', {
      message: `${name} has a layer of type ${foreign.mediaType}, which is no module`,
      remedy: 'Name an image that holds a module.',
    });
  }
  if (!layers.length) {
    throw new WasiError('IMAGE_WITHOUT_MODULE', {
      message: `${name} has 0 layers where a module is one`,
    });
  }
  const config = await readImageConfig(store, manifest, signal);
  return {
    kind: 'file',
    layers: [...layers].reverse(),
    ...fileOf(config, { manifest, name }),
  };
}

function locateBare(
  { config, layers }: ParsedManifest,
  { name, bare }: { name: string; bare: Descriptor[] },
): Located {
  const types = layers.map(({ mediaType }) => mediaType);
  const format = formatOfBare(types, config?.mediaType);
  // The specification of the artifact asks its readers for this strictness.
  if (bare.length > 1 || (layers.length > 1 && format === 'wasm')) {
    throw new WasiError('IMAGE_LAYOUT_UNSUPPORTED', {
      message: `${name} has ${layers.length} layers where a module is one`,
      remedy: 'Name an image that holds one module.',
    });
  }
  return { kind: 'bare', format, layer: bare[0] };
}

function formatOfBare(
  types: readonly string[],
  configType: string | undefined,
): FoundArtifactFormat {
  if (types.includes(SPIN_APPLICATION)) {
    return 'spin';
  }
  if (types.includes(RUNWASI_LAYER)) {
    return 'runwasi';
  }
  if (types.includes(PROXY_LAYER) && types.includes(PROXY_CONFIG_LAYER)) {
    return 'istio-oci';
  }
  if (types.includes(KRUSTLET_LAYER)) {
    // Spin was the first to put files beside the module, in layers without a type of their own.
    return types.length > 1 && configType === OCI_CONFIG ? 'spin' : 'krustlet';
  }
  return 'wasm';
}

function fileOf(
  config: ImageConfig | undefined,
  { manifest, name }: { manifest: ParsedManifest; name: string },
): { entrypoint?: string; anyFile: boolean } {
  const { os = '', architecture = '', config: run } = config ?? {};
  const isWasm = architecture === '' || architecture.startsWith('wasm');
  const [command] = [...(run?.Entrypoint ?? []), ...(run?.Cmd ?? [])];
  if (command === undefined) {
    return { anyFile: isWasm };
  }
  // runwasi takes what stands behind # for the function to call.
  const [path] = command.split('#');
  if (
    !isWasm &&
    !path.endsWith('.wasm') &&
    manifest.annotations['module.wasm.image/variant'] === undefined
  ) {
    throw new WasiError('IMAGE_WITHOUT_MODULE', {
      message: `${name} is a container image for ${os}/${architecture} that runs ${JSON.stringify(
        path.slice(0, 200),
      )}`,
    });
  }
  return {
    entrypoint: posix.resolve('/', run?.WorkingDir ?? '', path),
    anyFile: false,
  };
}
