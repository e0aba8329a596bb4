/** On a module: entity ref of its owner. Also as a label, with the name of a group. @internal */
export const ANNOTATION_OWNER = 'wasm.serving.knative.dev/owner';
/** On a module: entity ref of its system. @internal */
export const ANNOTATION_SYSTEM = 'wasm.serving.knative.dev/system';
/** On a module: its lifecycle, e.g. `experimental`. @internal */
export const ANNOTATION_LIFECYCLE = 'wasm.serving.knative.dev/lifecycle';
/** On a module: entity refs of the APIs it provides, comma-separated. @internal */
export const ANNOTATION_PROVIDES_APIS =
  'wasm.serving.knative.dev/provides-apis';
/** On an ingested Component: the entity that its module names, which is gone. @internal */
export const ANNOTATION_ORPHANED_FROM =
  'wasm.serving.knative.dev/orphaned-from';
/** On an ingested API: the image that its world was read from. @internal */
export const ANNOTATION_IMAGE = 'wasm.serving.knative.dev/image';
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/ @internal */
export const LABEL_PART_OF = 'app.kubernetes.io/part-of';
