import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Moves a file that was written aside to its place, over an older one.
 *
 * After a crash, of the machine too, all of it is there or nothing: its bytes
 * reach the disk before its name, and the name before this returns.
 *
 * @internal
 */
export async function moveDurably(from: string, to: string): Promise<void> {
  await sync(from);
  const folder = dirname(to);
  const firstMade = await mkdir(folder, { recursive: true });
  await rename(from, to);
  await sync(folder);
  // A folder just made is an entry of the one above it.
  for (
    let made = folder;
    firstMade && made.length >= firstMade.length;
    made = dirname(made)
  ) {
    await sync(dirname(made));
  }
}

async function sync(path: string): Promise<void> {
  if (process.platform === 'win32') {
    // Windows opens no folders, and files only for writing.
    return;
  }
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
