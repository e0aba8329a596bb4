import { createReadStream } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { archiveInvalid } from '../tar/archiveInvalid';
import { readTar } from '../tar/readTar';
import { writeTar, type TarFile } from '../tar/writeTar';
import { openLayoutFile } from './layoutFiles';
import { writeWhole } from './writeWhole';

/** Everything that a layout may consist of; what else there is, is left alone. */
const known =
  /^(?:\.\/)?(oci-layout|index\.json|blobs\/(?:sha256\/[a-f0-9]{64}|sha512\/[a-f0-9]{128}))$/;
const largestArchive = 4 * 1024 ** 3;

/**
 * Unpacks a layout from a tar archive into an empty folder.
 *
 * Only files that belong to a layout are written, under names that are spelled out
 * here; links, devices and all other names in the archive lead to nothing.
 *
 * @returns false where there is no archive
 * @throws WasiError `ARCHIVE_INVALID`, `REGISTRY_TOO_LARGE`
 */
export async function unpackLayout(
  archive: string,
  directory: string,
): Promise<boolean> {
  const file = await openLayoutFile(archive);
  if (!file) {
    return false;
  }
  await file.handle.close();
  if (file.size > largestArchive) {
    throw new WasiError('REGISTRY_TOO_LARGE', {
      message: `The archive has ${file.size} bytes, and ${largestArchive} are read`,
      remedy: 'Unpack it, and name the folder.',
    });
  }
  const seen = new Set<string>();
  for await (const entry of readTar(createReadStream(archive))) {
    const [, path] = known.exec(entry.path) ?? [];
    if (path !== undefined && entry.type === 'file') {
      if (seen.has(path)) {
        throw archiveInvalid(`it has ${path} twice`);
      }
      seen.add(path);
      const target = join(directory, path);
      await mkdir(dirname(target), { recursive: true });
      await writeWhole(target, entry.content());
    }
  }
  return true;
}

/** Packs a layout into a tar archive, the same one for the same content. */
export async function packLayout(
  directory: string,
  archive: string,
): Promise<void> {
  await mkdir(dirname(archive), { recursive: true });
  await writeWhole(archive, writeTar(filesOf(directory)));
}

async function* filesOf(directory: string): AsyncGenerator<TarFile> {
  const names = (await readdir(directory, { recursive: true }))
    .map(name => name.replaceAll('\\', '/'))
    .filter(name => known.test(name))
    .sort();
  for (const path of names) {
    const file = join(directory, path);
    yield {
      path,
      size: (await stat(file)).size,
      content: () => createReadStream(file),
    };
  }
}
