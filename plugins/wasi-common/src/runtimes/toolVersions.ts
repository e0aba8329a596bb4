import versions from './toolVersions.json';

/**
 * The versions that skeletons, checks, installers and documentation name, by tool or library.
 *
 * @internal
 */
export const toolVersions: Readonly<Record<keyof typeof versions, string>> =
  versions;
