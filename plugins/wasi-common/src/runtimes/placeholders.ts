/**
 * What a build step's `{…}` stand for; the builder puts absolute paths in their place.
 *
 * @public
 */
export const stepPlaceholders = {
  /** `build.source` of func.yaml, else the first file that fits the runtime's sources. */
  source: '{source}',
  /** As a whole argument: every file beside the source, and in `src`, that is in the same language. */
  sources: '{sources}',
  /** Folder of this build alone, which holds the source, too; gone when the build ends. */
  scratch: '{scratch}',
  /** Folder of the WIT definitions, whose world is named `function`. */
  wit: '{wit}',
  /** The core module that a compiler leaves, before it becomes a component. */
  core: '{core}',
  /** The core module with its WIT world attached. */
  embedded: '{embedded}',
  /** The module to deliver. */
  output: '{output}',
  /** The function's name with dashes, as in func.yaml. */
  name: '{name}',
  /** The function's name with underscores, as cargo names its output. */
  crate: '{crate}',
} as const;

/**
 * One of the {@link stepPlaceholders}.
 *
 * @public
 */
export type StepPlaceholder =
  (typeof stepPlaceholders)[keyof typeof stepPlaceholders];
