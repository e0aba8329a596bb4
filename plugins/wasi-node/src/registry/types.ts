import type {
  ArtifactFormatName,
  FoundArtifactFormat,
  ModuleInspection,
} from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * An OCI image layout on this machine, as a place for artifacts.
 *
 * Never made from what a user wrote without looking where the path leads.
 *
 * @public
 */
export interface ArtifactLayout {
  /** Absolute path of the folder, or of the tar archive. */
  path: string;
  kind: 'folder' | 'archive';
  /** What users call it; for messages and answers. */
  name: string;
  /** Tag or digest. May be left out where the layout holds one image; a push then takes `latest`. */
  reference?: string;
}

/**
 * An image that is read as everybody may read it, without the configured account:
 * for what a user names, who may not be allowed to read what the portal may.
 *
 * @public
 */
export interface PublicImage {
  image: string;
}

/**
 * Where an artifact is: an image reference of a registry, or a layout.
 *
 * @public
 */
export type ArtifactPlace = string | PublicImage | ArtifactLayout;

/**
 * Where an artifact may be written.
 *
 * @public
 */
export type ArtifactTarget = string | ArtifactLayout;

/**
 * Which file is pushed where, and what its manifest says.
 *
 * @public
 */
export interface PushModuleOptions {
  /** The .wasm file. */
  path: string;
  /** Where to, with a tag; `latest` when it has none. */
  reference: ArtifactTarget;
  /** What was found in this very file. */
  inspection: Pick<
    ModuleInspection,
    'kind' | 'size' | 'digest' | 'imports' | 'exports'
  >;
  /** Annotations of the manifest; the time of creation is added. */
  annotations: Record<string, string>;
  /** Time of creation; a module that the tag holds already keeps the time that it has there. */
  created: Date | string;
  /** Default: `wasm`. */
  format?: ArtifactFormatName;
  /** For the format `index`: the image whose platforms the module is put beside. Default: what the tag holds. */
  beside?: ArtifactPlace;
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
  /** `host/repository@sha256:…` of what the tag names. */
  image: string;
  /** Digest of the manifest or index that the tag names. */
  digest: string;
  /** What knative-serving-wasm pulls: `image`, or the entry of an index; absent where it pulls none of it. */
  runnerImage?: string;
  format: ArtifactFormatName;
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
 * One manifest of an index.
 *
 * @public
 */
export interface ArtifactEntry {
  mediaType: string;
  digest: string;
  size: number;
  /** `os/architecture`, with a variant where there is one. */
  platform?: string;
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
  /** The manifests of an index. */
  entries?: ArtifactEntry[];
  artifactType?: string;
  configMediaType?: string;
  layers: ArtifactLayer[];
  annotations: Record<string, string>;
}

/**
 * How much is pulled, and of which platform.
 *
 * @public
 */
export interface PullModuleOptions {
  /** Bytes of the module. */
  maxBytes: number;
  /** `os/architecture` of an index. Default: the one for WebAssembly. */
  platform?: string;
  signal?: AbortSignal;
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
  /** Digest of the manifest that named it; of the entry, where it came out of an index. */
  manifestDigest: string;
  format: FoundArtifactFormat;
  /** Path in the image, where the module was a file of one. */
  file?: string;
  /** The entry of the index that it came out of. */
  platform?: string;
}

/**
 * What is copied, and where to.
 *
 * @public
 */
export interface CopyArtifactOptions {
  from: ArtifactPlace;
  /** With a tag; `latest` when it has none. */
  to: ArtifactTarget;
  /** Whether signatures, SBOMs and what else is attached is copied, too. */
  referrers: boolean;
  /** Bytes of all blobs together. */
  maxBytes: number;
  signal?: AbortSignal;
}

/**
 * An artifact at its new place.
 *
 * @public
 */
export interface CopiedArtifact {
  /** `host/repository@sha256:…`. */
  image: string;
  /** The same as where it came from. */
  digest: string;
  /** How many manifests there are: one, or those of an index, and the index. */
  manifests: number;
  /** How many things were attached to it. */
  referrers: number;
  /** Bytes that had to be sent. */
  copiedBytes: number;
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
  /** Sends a module in one of the formats; what the registry has is not sent again. */
  push(options: PushModuleOptions): Promise<PushedModule>;
  /** Reads a manifest, of any format. */
  describe(
    reference: ArtifactPlace,
    options?: { signal?: AbortSignal },
  ): Promise<ArtifactManifest>;
  /** Writes the module of an artifact of any format to a file, which appears whole and verified or not at all. */
  pull(
    reference: ArtifactPlace,
    targetPath: string,
    options: PullModuleOptions,
  ): Promise<PulledModule>;
  /** Copies an artifact or an index byte for byte, so that its digest stays. */
  copy(options: CopyArtifactOptions): Promise<CopiedArtifact>;
  /** Deletes the manifest of a digest, and with it every tag that names it. */
  delete(reference: string, options?: { signal?: AbortSignal }): Promise<void>;
  /** Tells if the runner, which has no credentials, gets at the manifest. */
  canPullAnonymously(
    reference: string,
    options?: { signal?: AbortSignal },
  ): Promise<boolean>;
}
