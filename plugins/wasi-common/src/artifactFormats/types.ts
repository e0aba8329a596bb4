/**
 * Something that takes modules out of a registry.
 *
 * @public
 */
export type ArtifactConsumerName =
  | 'knative-serving-wasm'
  | 'runwasi'
  | 'crun'
  | 'docker'
  | 'istio'
  | 'kpt'
  | 'krustlet'
  | 'spin'
  | 'wkg';

/**
 * A format that `wasi:module:push` writes.
 *
 * @public
 */
export type ArtifactFormatName =
  | 'wasm'
  | 'krustlet'
  | 'compat'
  | 'istio-compat'
  | 'istio-oci'
  | 'kpt'
  | 'index';

/**
 * A format that a module was found in: one of those that are written, or one
 * that others write.
 *
 * @public
 */
export type FoundArtifactFormat = ArtifactFormatName | 'runwasi' | 'spin';

/**
 * One way to keep a module in a registry.
 *
 * @public
 */
export interface ArtifactFormat {
  name: ArtifactFormatName;
  /** For a form or a heading. */
  label: string;
  /** When to choose it, in one sentence. */
  when: string;
  /** Who can pull what it writes. */
  consumers: readonly ArtifactConsumerName[];
  /** `proxy-wasm`: plugins of Envoy; `gojs`: what Go builds for GOOS=js. */
  modules: 'any' | 'proxy-wasm' | 'gojs';
  /** Media types of what the tag names, its config, and its layers. */
  mediaTypes: { manifest: string; config?: string; layers?: readonly string[] };
  /** Whether what is at the tag already is kept beside the module. */
  keepsOthers: boolean;
}
