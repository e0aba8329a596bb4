import type { ModuleInspection } from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * Which file is pushed where, and what its manifest says.
 *
 * @public
 */
export interface PushModuleOptions {
  /** The .wasm file. */
  path: string;
  /** Where to, with a tag; `latest` when it has none. */
  reference: string;
  /** What was found in this very file. */
  inspection: ModuleInspection;
  /** Annotations of the manifest. */
  annotations: Record<string, string>;
  /** Time of creation; a module that the tag holds already keeps the time that it has there. */
  created: Date | string;
  signal?: AbortSignal;
  /** Called while the module is sent; not at all when the registry has it. */
  onProgress?: (progress: { sentBytes: number; totalBytes: number }) => void;
}

/**
 * A module in a registry, under the digest to deploy it by.
 *
 * @public
 */
export interface PushedModule {
  /** `host/repository@sha256:…`, to be deployed. */
  image: string;
  /** Digest of the manifest. */
  digest: string;
  /** Digest of the module. */
  layerDigest: string;
  /** Bytes of the module. */
  size: number;
  /** Bytes that had to be sent, manifest included; 0 when all of it was there. */
  uploadedBytes: number;
}

/**
 * One layer of a manifest.
 *
 * @public
 */
export interface ArtifactLayer {
  mediaType: string;
  digest: string;
  size: number;
  annotations: Record<string, string>;
}

/**
 * A manifest in a registry, as far as the runner looks at it.
 *
 * @public
 */
export interface ArtifactManifest {
  /** `host/repository@sha256:…`. */
  image: string;
  digest: string;
  mediaType: string;
  /** An index has manifests in the place of layers; `layers` is empty then. */
  index: boolean;
  artifactType?: string;
  configMediaType?: string;
  layers: ArtifactLayer[];
  annotations: Record<string, string>;
}

/**
 * A module that was pulled into a file.
 *
 * @public
 */
export interface PulledModule {
  /** Digest of the module, verified. */
  digest: string;
  size: number;
  /** Digest of the manifest that named it. */
  manifestDigest: string;
}

/**
 * The registries that `wasi.registries` lists, as a place for modules.
 *
 * All methods throw {@link @wasi-functions/backstage-plugin-wasi-common#WasiError}
 * with a `REGISTRY_…` code.
 *
 * @public
 */
export interface ModuleRegistry {
  /** Sends a module as CNCF Wasm OCI artifact; what the registry has is not sent again. */
  push(options: PushModuleOptions): Promise<PushedModule>;
  /** Reads a manifest, of any format. */
  describe(
    reference: string,
    options?: { signal?: AbortSignal },
  ): Promise<ArtifactManifest>;
  /** Writes the module to a file, which appears whole and verified or not at all. */
  pull(
    reference: string,
    targetPath: string,
    options: { maxBytes: number; signal?: AbortSignal },
  ): Promise<PulledModule>;
  /** Tells if the runner, which has no credentials, gets at the manifest. */
  canPullAnonymously(
    reference: string,
    options?: { signal?: AbortSignal },
  ): Promise<boolean>;
}
