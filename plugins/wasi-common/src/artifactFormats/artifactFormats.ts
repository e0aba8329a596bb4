import type {
  ArtifactConsumerName,
  ArtifactFormat,
  ArtifactFormatName,
  FoundArtifactFormat,
} from './types';

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
const OCI_TAR = 'application/vnd.oci.image.layer.v1.tar+gzip';

/**
 * Every format that is written, the default first.
 *
 * @public
 */
export const artifactFormats: readonly ArtifactFormat[] = [
  {
    name: 'wasm',
    label: 'CNCF Wasm artifact',
    when: 'For functions, and wherever nothing else is asked for.',
    consumers: ['knative-serving-wasm', 'runwasi', 'wkg', 'spin'],
    modules: 'any',
    mediaTypes: {
      manifest: OCI_MANIFEST,
      config: 'application/vnd.wasm.config.v0+json',
      layers: ['application/wasm'],
    },
    keepsOthers: false,
  },
  {
    name: 'krustlet',
    label: 'krustlet, wasm-to-oci',
    when: 'For tools from before the CNCF artifact.',
    consumers: ['knative-serving-wasm', 'krustlet', 'spin'],
    modules: 'any',
    mediaTypes: {
      manifest: OCI_MANIFEST,
      config: 'application/vnd.wasm.config.v1+json',
      layers: ['application/vnd.wasm.content.layer.v1+wasm'],
    },
    keepsOthers: false,
  },
  {
    name: 'compat',
    label: 'Container image for wasi/wasm',
    when: 'For Kubernetes nodes and engines that run a container image whose entrypoint is a module.',
    consumers: ['crun', 'runwasi', 'docker'],
    modules: 'any',
    mediaTypes: {
      manifest: OCI_MANIFEST,
      config: OCI_CONFIG,
      layers: [OCI_TAR],
    },
    keepsOthers: false,
  },
  {
    name: 'istio-compat',
    label: 'Istio plugin in a container image',
    when: "For Istio's WasmPlugin; works with every registry.",
    consumers: ['istio'],
    modules: 'proxy-wasm',
    mediaTypes: {
      manifest: OCI_MANIFEST,
      config: OCI_CONFIG,
      layers: [OCI_TAR],
    },
    keepsOthers: false,
  },
  {
    name: 'istio-oci',
    label: 'Istio plugin as an artifact',
    when: "For Istio's WasmPlugin, in the layout that wasme introduced.",
    consumers: ['istio'],
    modules: 'proxy-wasm',
    mediaTypes: {
      manifest: OCI_MANIFEST,
      config: OCI_CONFIG,
      layers: [
        'application/vnd.module.wasm.config.v1+json',
        'application/vnd.module.wasm.content.layer.v1+wasm',
      ],
    },
    keepsOthers: false,
  },
  {
    name: 'kpt',
    label: 'kpt function, js/wasm',
    when: 'For KRM functions that kpt runs without a container.',
    consumers: ['kpt'],
    modules: 'gojs',
    mediaTypes: {
      manifest: 'application/vnd.docker.distribution.manifest.list.v2+json',
      config: 'application/vnd.docker.container.image.v1+json',
      layers: ['application/vnd.docker.image.rootfs.diff.tar.gzip'],
    },
    keepsOthers: true,
  },
  {
    name: 'index',
    label: 'Index with other platforms',
    when: 'For one tag that names a container image for linux and the module for wasi/wasm.',
    consumers: ['knative-serving-wasm', 'crun', 'docker'],
    modules: 'any',
    mediaTypes: { manifest: 'application/vnd.oci.image.index.v1+json' },
    keepsOthers: true,
  },
];

/** Formats that others write. */
const foundOnly: Record<'runwasi' | 'spin', string> = {
  runwasi: 'runwasi image without a file system',
  spin: 'Spin application',
};

/**
 * Names of all formats that a module can be found in.
 *
 * @public
 */
export const foundArtifactFormats: readonly FoundArtifactFormat[] = [
  ...artifactFormats.map(({ name }) => name),
  'runwasi',
  'spin',
];

/**
 * Who takes modules out of a registry, with the name that people know it by.
 *
 * @public
 */
export const artifactConsumers: Readonly<Record<ArtifactConsumerName, string>> =
  {
    'knative-serving-wasm': 'knative-serving-wasm',
    runwasi: 'containerd with a runwasi shim',
    crun: 'crun (Podman, CRI-O)',
    docker: 'Docker',
    istio: 'Istio',
    kpt: 'kpt',
    krustlet: 'krustlet',
    spin: 'Spin',
    wkg: 'wkg',
  };

/**
 * The record of a format.
 *
 * @public
 */
export function findArtifactFormat(name: ArtifactFormatName): ArtifactFormat {
  return artifactFormats.find(format => format.name === name)!;
}

/**
 * What people call a format that a module was found in.
 *
 * @public
 */
export function artifactFormatLabel(name: FoundArtifactFormat): string {
  return name === 'runwasi' || name === 'spin'
    ? foundOnly[name]
    : findArtifactFormat(name).label;
}
