import { Header } from 'tar';

const BLOCK = 512;
/** The moment that every file is from, so that equal content makes an equal archive. */
const EPOCH = new Date(0);

/** A file to be put into an archive. */
export interface TarFile {
  /** Relative, of plain ASCII and at most 100 characters. */
  path: string;
  size: number;
  content(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** The bytes of a tar archive, the same for the same files. */
export async function* writeTar(
  files: Iterable<TarFile> | AsyncIterable<TarFile>,
): AsyncGenerator<Uint8Array> {
  for await (const file of files) {
    const header = Buffer.alloc(BLOCK);
    new Header({
      path: file.path,
      mode: 0o644,
      uid: 0,
      gid: 0,
      size: file.size,
      mtime: EPOCH,
      type: 'File',
    }).encode(header);
    yield header;
    yield* file.content();
    yield Buffer.alloc((BLOCK - (file.size % BLOCK)) % BLOCK);
  }
  yield Buffer.alloc(2 * BLOCK);
}
