import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** For the tests of the file that calls it: a new folder for each. */
export function useFolder() {
  const folder = {
    path: '',
    write(files: Record<string, string>) {
      for (const [name, content] of Object.entries(files)) {
        writeFileSync(join(folder.path, name), content);
      }
    },
    makeFolder(name: string): string {
      const path = join(folder.path, name);
      mkdirSync(path);
      return path;
    },
    link(name: string, target: string) {
      symlinkSync(join(folder.path, target), join(folder.path, name));
    },
  };

  beforeEach(() => {
    folder.path = mkdtempSync(join(tmpdir(), 'wasi-supply-chain-'));
  });

  afterEach(() => rmSync(folder.path, { recursive: true, force: true }));

  return folder;
}
