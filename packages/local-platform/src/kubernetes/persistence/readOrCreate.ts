import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** The text of a file that only its owner may read; written first where it is absent. */
export function readOrCreate(path: string, create: () => string): string {
  const present = readIfPresent(path);
  if (present) {
    return present;
  }
  const text = create();
  const partial = `${path}.partial`;
  writeFileSync(partial, text, { mode: 0o600 });
  renameSync(partial, path);
  return text;
}

/** The text of a file; undefined where there is no such file. */
export function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
