import {
  lstat,
  mkdir,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { resolveInWorkspace } from '../build/workspacePath';
import {
  MAX_LIST_BYTES,
  resourceSchema,
  type KrmItem,
  type KrmResource,
} from './resourceList';
import { INDEX, PATH, readYamlFiles, withoutAnnotations } from './resourceYaml';

const MAX_FILES = 2_000;
const MAX_DEPTH = 20;
/** Where kpt keeps its pipeline; a resource like the others. */
const KPTFILE = 'Kptfile';

// What older functions call them:
// https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md
const OLD_PATH = 'config.kubernetes.io/path';
const OLD_INDEX = 'config.kubernetes.io/index';
const OURS = [PATH, INDEX, OLD_PATH, OLD_INDEX];

/**
 * Reads the resources of all YAML files below a folder, each annotated with
 * the file that it is from. Links are not followed.
 *
 * @throws `WasiError` KRM_RESOURCES_INVALID with the file's name
 * @internal
 */
export async function readResourceFiles(
  directory: string,
  signal?: AbortSignal,
): Promise<KrmItem[]> {
  const files: { path: string; text: string }[] = [];
  let left = MAX_LIST_BYTES;
  for (const path of await listFiles(directory)) {
    const file = join(directory, path);
    left -= (await lstat(file)).size;
    if (left < 0) {
      throw invalid(
        `The resources have more than ${MAX_LIST_BYTES} bytes together.`,
      );
    }
    files.push({ path, text: await readFile(file, 'utf8') });
  }
  const { fault, items } = await readYamlFiles(files, signal);
  if (fault !== undefined) {
    throw invalid(`${fault.replace(/[.:]$/, '')}.`);
  }
  return items.map(({ value, text, place }) => {
    const read = resourceSchema.safeParse(value);
    if (!read.success || text === undefined) {
      throw invalid(
        `${place} is no Kubernetes resource with apiVersion, kind and metadata.name.`,
      );
    }
    return { resource: read.data, text };
  });
}

/**
 * Writes resources back to the files that they name, and removes those that no
 * resource is left of. A new resource gets a file of its own.
 *
 * @param before - What {@link readResourceFiles} found.
 * @returns Paths that were, or would be, written or removed.
 * @throws `WasiError` SOURCE_PATH_ESCAPES
 * @internal
 */
export async function writeResourceFiles(options: {
  directory: string;
  before: readonly KrmItem[];
  after: readonly KrmItem[];
  /** False: only tell. */
  write: boolean;
}): Promise<string[]> {
  const { directory, write } = options;
  const before = byFile(options.before);
  const after = byFile(options.after);
  const changed: string[] = [];
  // All of them are looked at before the first one is written.
  const targets = new Map(
    [...after.keys()].map(path => [path, targetOf(directory, path)]),
  );
  for (const [path, items] of after) {
    if (sameResources(before.get(path), items)) {
      continue;
    }
    if (write) {
      const texts = await withoutAnnotations(
        items.map(({ text }) => text),
        OURS,
      );
      const target = targets.get(path)!;
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, texts.join('---\n'));
    }
    changed.push(path);
  }
  for (const path of before.keys()) {
    if (!after.has(path)) {
      if (write) {
        await rm(join(directory, path));
      }
      changed.push(path);
    }
  }
  return changed.sort();
}

async function listFiles(directory: string): Promise<string[]> {
  const found: string[] = [];
  await list('', 0);
  return found.sort();

  async function list(folder: string, depth: number): Promise<void> {
    const entries = await readdir(join(directory, folder), {
      withFileTypes: true,
    });
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !isHidden(entry.name)) {
        if (depth === MAX_DEPTH) {
          throw invalid(
            `There are more than ${MAX_DEPTH} folders in each other.`,
          );
        }
        await list(path, depth + 1);
      } else if (
        entry.isFile() &&
        isResourceFile(path) &&
        !isHidden(entry.name)
      ) {
        found.push(path);
        if (found.length > MAX_FILES) {
          throw invalid(`There are more than ${MAX_FILES} files of resources.`);
        }
      }
    }
  }
}

function isHidden(name: string): boolean {
  return name.startsWith('.') && !/^\.{1,2}$/.test(name);
}

function isResourceFile(path: string): boolean {
  return path.split('/').at(-1) === KPTFILE || /\.ya?ml$/.test(path);
}

/** Resources of each file, in the order in which they name their places. */
function byFile(items: readonly KrmItem[]): Map<string, KrmItem[]> {
  const files = new Map<string, { index: number; item: KrmItem }[]>();
  for (const item of items) {
    const path =
      annotation(item.resource, PATH, OLD_PATH) ?? newPath(item.resource);
    const index = parseInt(
      annotation(item.resource, INDEX, OLD_INDEX) ?? '',
      10,
    );
    const others = files.get(path) ?? [];
    others.push({ index: index >= 0 ? index : Number.MAX_SAFE_INTEGER, item });
    files.set(path, others);
  }
  return new Map(
    [...files].map(([path, found]) => [
      path,
      found.sort((a, b) => a.index - b.index).map(({ item }) => item),
    ]),
  );
}

/** A function that loses comments has changed nothing; neither has one that says the file in other words. */
function sameResources(
  a: readonly KrmItem[] = [],
  b: readonly KrmItem[],
): boolean {
  return isDeepStrictEqual(a.map(bare), b.map(bare));
}

function bare({ resource }: KrmItem): unknown {
  const annotations = Object.entries(
    resource.metadata.annotations ?? {},
  ).filter(([name]) => !OURS.includes(name));
  return {
    ...resource,
    metadata: {
      ...resource.metadata,
      annotations:
        annotations.length > 0 ? Object.fromEntries(annotations) : undefined,
    },
  };
}

function annotation(
  { metadata }: KrmResource,
  ...names: string[]
): string | undefined {
  return names.map(name => metadata.annotations?.[name]).find(Boolean);
}

/** As kpt names it. */
function newPath({ kind, metadata }: KrmResource): string {
  const name = `${kind}_${metadata.name}`.toLocaleLowerCase('en-US');
  return `${name.replace(/[^a-z0-9_.-]/g, '_')}.yaml`;
}

function targetOf(directory: string, path: string): string {
  // Neither is read, so neither is written: a workflow of the git host lies in such a folder.
  if (!isResourceFile(path) || path.split('/').some(isHidden)) {
    throw new WasiError('KRM_CHANGE_REFUSED', {
      message: `A function put a resource into ${JSON.stringify(
        path.slice(0, 200),
      )}; resources are kept in .yaml files, outside of hidden folders.`,
    });
  }
  return resolveInWorkspace(directory, path);
}

function invalid(message: string): WasiError {
  return new WasiError('KRM_RESOURCES_INVALID', { message });
}
