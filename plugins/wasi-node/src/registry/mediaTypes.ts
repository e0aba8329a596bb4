/** https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/ */
export const WASM_CONFIG = 'application/vnd.wasm.config.v0+json';
export const WASM_LAYER = 'application/wasm';

/** https://github.com/engineerd/wasm-to-oci */
export const KRUSTLET_CONFIG = 'application/vnd.wasm.config.v1+json';
export const KRUSTLET_LAYER = 'application/vnd.wasm.content.layer.v1+wasm';

/** https://github.com/solo-io/wasm/tree/master/spec */
export const PROXY_CONFIG_LAYER = 'application/vnd.module.wasm.config.v1+json';
export const PROXY_LAYER = 'application/vnd.module.wasm.content.layer.v1+wasm';

/** https://github.com/containerd/runwasi */
export const RUNWASI_LAYER =
  'application/vnd.bytecodealliance.wasm.component.layer.v0+wasm';

/** https://spinframework.dev */
export const SPIN_APPLICATION =
  'application/vnd.fermyon.spin.application.v1+config';

/** Layer types that hold a bare .wasm file. */
export const BARE_LAYERS: readonly string[] = [
  WASM_LAYER,
  KRUSTLET_LAYER,
  PROXY_LAYER,
  RUNWASI_LAYER,
];

export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
export const OCI_TAR = 'application/vnd.oci.image.layer.v1.tar';
export const OCI_TAR_GZIP = `${OCI_TAR}+gzip`;
export const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';
export const DOCKER_TAR = 'application/vnd.docker.image.rootfs.diff.tar';
export const DOCKER_TAR_GZIP = `${DOCKER_TAR}.gzip`;

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const DOCKER_MANIFEST =
  'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_LIST =
  'application/vnd.docker.distribution.manifest.list.v2+json';

/** Without it, some registries answer that there is nothing. */
export const ACCEPT_MANIFESTS = [
  OCI_MANIFEST,
  OCI_INDEX,
  DOCKER_MANIFEST,
  DOCKER_LIST,
].join(', ');
