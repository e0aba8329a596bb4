/** https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/ */
export const WASM_CONFIG = 'application/vnd.wasm.config.v0+json';
export const WASM_LAYER = 'application/wasm';

/** Layer types that hold a bare .wasm file: what the runner takes. */
export const WASM_LAYERS: readonly string[] = [
  WASM_LAYER,
  'application/vnd.wasm.content.layer.v1+wasm',
  'application/vnd.module.wasm.content.layer.v1+wasm',
];

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_LIST =
  'application/vnd.docker.distribution.manifest.list.v2+json';

/** Without it, some registries answer that there is nothing. */
export const ACCEPT_MANIFESTS = [
  OCI_MANIFEST,
  OCI_INDEX,
  DOCKER_MANIFEST,
  DOCKER_LIST,
].join(', ');
