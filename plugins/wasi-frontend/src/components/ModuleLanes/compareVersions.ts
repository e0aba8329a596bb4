import type { ModuleView } from '@wasi-functions/backstage-plugin-wasi-common';
import { readVersion } from '../ShortDigest';

/** Modules of one function, and the versions of it that run. */
export interface FunctionVersions {
  name: string;
  modules: ModuleView[];
  /** Digests or tags, each once. */
  versions: string[];
  /** False where a tag says less than a digest would. */
  pinned: boolean;
}

/**
 * Functions that more than one module runs; modules are of one function where
 * their images are of one name, in whichever registry.
 */
export function compareVersions(
  modules: readonly ModuleView[],
): FunctionVersions[] {
  const functions = new Map<string, ModuleView[]>();
  for (const view of modules) {
    const name = functionName(view);
    functions.set(name, [...(functions.get(name) ?? []), view]);
  }
  return [...functions]
    .filter(([, views]) => views.length > 1)
    .map(([name, views]) => {
      const versions = views.map(({ module }) =>
        readVersion(module.spec.image),
      );
      return {
        name,
        modules: views,
        versions: [...new Set(versions.map(({ text }) => text))],
        pinned: versions.every(({ digest }) => digest),
      };
    });
}

/** The last part of the image's name, without tag and digest. */
function functionName({ module }: ModuleView): string {
  const [name] = module.spec.image.split('@');
  const last = name.slice(name.lastIndexOf('/') + 1);
  return last.split(':')[0];
}
