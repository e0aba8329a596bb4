import { open } from 'node:fs/promises';
import {
  findRuntime,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { workspacePath } from '../../build/workspacePath';
import { parseCargoLock } from './parseCargoLock';
import { parseGoMod } from './parseGoMod';
import { parseNpmLock } from './parseNpmLock';
import { parseRequirements } from './parseRequirements';
import { LockFileFault, type LockedPackage } from './types';

const maxLockBytes = 16 * 1024 * 1024;
const maxPackages = 20_000;

const lockFiles: {
  language: string;
  file: string;
  parse: (text: string) => LockedPackage[];
}[] = [
  { language: 'JavaScript', file: 'package-lock.json', parse: parseNpmLock },
  { language: 'Rust', file: 'Cargo.lock', parse: parseCargoLock },
  { language: 'Go', file: 'go.mod', parse: parseGoMod },
  { language: 'Python', file: 'requirements.txt', parse: parseRequirements },
];

/** Packages that a module was built with, and the file that says so. */
export interface Packages {
  packages: LockedPackage[];
  /** Absent: the folder has no such file, or the language knows none. */
  file?: string;
}

/**
 * Reads the lock file of the runtime's language in the folder of a function.
 *
 * @throws WasiError `LOCK_FILE_INVALID`, `SOURCE_PATH_ESCAPES`
 */
export async function readPackages(
  directory: string,
  runtime: string,
): Promise<Packages> {
  const language = findRuntime(runtime)?.language;
  const lock = lockFiles.find(candidate => candidate.language === language);
  const path = lock && (await workspacePath(directory, lock.file));
  if (!lock || !path) {
    return { packages: [] };
  }
  const text = await readText(path, lock.file);
  try {
    const packages = lock.parse(text);
    if (packages.length > maxPackages) {
      throw new LockFileFault(
        `has ${packages.length} packages, more than ${maxPackages}`,
      );
    }
    return { packages, file: lock.file };
  } catch (error) {
    if (error instanceof LockFileFault) {
      throw invalid(lock.file, error.message);
    }
    throw error;
  }
}

async function readText(path: string, file: string): Promise<string> {
  const handle = await open(path);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) {
      throw invalid(file, 'is not a file');
    }
    if (stats.size > maxLockBytes) {
      throw invalid(file, `has ${stats.size} bytes, more than ${maxLockBytes}`);
    }
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function invalid(file: string, what: string): WasiError {
  return new WasiError('LOCK_FILE_INVALID', { message: `${file} ${what}.` });
}
