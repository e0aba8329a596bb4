import versions from './toolVersions.json';

/**
 * The versions that skeletons, checks, installers and documentation name, by tool or library.
 *
 * Not `toolVersions.ts`: beside the JSON of that name, Node would take the JSON.
 *
 * @public
 */
export const toolVersions: Readonly<Record<keyof typeof versions, string>> =
  versions;
