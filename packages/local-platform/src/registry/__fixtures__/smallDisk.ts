import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Puts a disk of 1 MiB over a folder; answers whether it could. */
export function mountSmallDisk(directory: string): boolean {
  return (
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory])
      .status === 0
  );
}

export function unmount(directory: string): void {
  spawnSync('umount', [directory]);
}

export function canMountSmallDisk(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'wasi-mount-'));
  const mounted = mountSmallDisk(directory);
  if (mounted) {
    unmount(directory);
  }
  rmSync(directory, { recursive: true, force: true });
  return mounted;
}

/** Takes all the room there is left, in a folder that is answered. */
export function fillDisk(directory: string): string {
  const folder = join(directory, 'filled');
  mkdirSync(folder);
  for (let size = 1024 ** 2, count = 0; size >= 1; count += 1) {
    try {
      writeFileSync(join(folder, `${count}`), Buffer.alloc(size));
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
      size = Math.floor(size / 2);
    }
  }
  return folder;
}
