import { constants, open, type FileHandle } from 'node:fs/promises';
import { archiveInvalid } from '../tar/archiveInvalid';

/**
 * Reads a small file of a layout, which must be a file.
 *
 * @returns undefined where there is none
 * @throws WasiError `ARCHIVE_INVALID`
 */
export async function readLayoutFile(
  path: string,
  most: number,
): Promise<Buffer | undefined> {
  const file = await openLayoutFile(path);
  if (!file) {
    return undefined;
  }
  try {
    const { size } = await file.handle.stat();
    if (size > most) {
      throw archiveInvalid(`one of its documents has ${size} bytes`);
    }
    return await file.handle.readFile();
  } finally {
    await file.handle.close();
  }
}

/**
 * Opens a file of a layout; links and devices are no files.
 *
 * @throws WasiError `ARCHIVE_INVALID`
 */
export async function openLayoutFile(
  path: string,
): Promise<{ handle: FileHandle; size: number } | undefined> {
  try {
    const handle = await open(
      path,
      // A pipe without a writer would keep us waiting.
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    const stat = await handle.stat();
    if (!stat.isFile()) {
      await handle.close();
      throw archiveInvalid('one of its files is no file');
    }
    return { handle, size: stat.size };
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'ENOENT':
      case 'ENOTDIR':
        return undefined;
      case 'ELOOP':
      case 'EMLINK':
        throw archiveInvalid('one of its files is a link');
      default:
        throw error;
    }
  }
}
