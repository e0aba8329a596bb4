import { LockFileFault, type LockedPackage } from './types';

/**
 * Reads a go.mod, which since Go 1.17 names every module that the build needs.
 *
 * https://go.dev/ref/mod#go-mod-file
 */
export function parseGoMod(text: string): LockedPackage[] {
  const required = new Map<string, string>();
  const replaced = new Map<string, string[]>();
  for (const [verb, ...words] of readDirectives(text)) {
    if (verb === 'require' && words.length === 2) {
      required.set(words[0], words[1]);
    } else if (verb === 'replace') {
      const arrow = words.indexOf('=>');
      replaced.set(words.slice(0, arrow).join('@'), words.slice(arrow + 1));
    }
  }
  if (!/^\s*module\s/m.test(text)) {
    throw new LockFileFault('names no module');
  }
  return [...required].map(([path, version]) => {
    const [otherPath, otherVersion] =
      replaced.get(`${path}@${version}`) ?? replaced.get(path) ?? [];
    // Without version it is a folder, and still the module that was asked for.
    return otherVersion
      ? toPackage(otherPath, otherVersion)
      : toPackage(path, otherPath ? undefined : version);
  });
}

function* readDirectives(text: string): Generator<string[]> {
  let block: string | undefined;
  for (const line of text.split('\n')) {
    const words = line
      .replace(/\/\/.*$/, '')
      .trim()
      .split(/\s+/)
      .map(word => word.replace(/^["`]|["`]$/g, ''))
      .filter(Boolean);
    if (words[0] === ')') {
      block = undefined;
    } else if (words[1] === '(') {
      [block] = words;
    } else if (words.length) {
      yield block ? [block, ...words] : words;
    }
  }
}

function toPackage(path: string, version: string | undefined): LockedPackage {
  const slash = path.lastIndexOf('/');
  return {
    type: 'golang',
    ...(slash > 0 && { namespace: path.slice(0, slash) }),
    name: path.slice(slash + 1),
    version,
  };
}
