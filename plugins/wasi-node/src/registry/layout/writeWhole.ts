import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { toWritingFailure } from '../downloadBlob';

/** Writes a file that appears whole or not at all. */
export async function writeWhole(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  // In the same folder, since a rename cannot leave a file system.
  const partialPath = `${path}.${randomUUID()}.partial`;
  try {
    const file = await open(partialPath, 'wx');
    try {
      for await (const chunk of chunks) {
        await file.writeFile(chunk);
      }
    } finally {
      await file.close();
    }
    await rename(partialPath, path);
  } catch (error) {
    await rm(partialPath, { force: true });
    throw toWritingFailure(error, path);
  }
}
