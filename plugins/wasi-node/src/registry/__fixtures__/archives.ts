import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

const BLOCK = 512;

/** One entry of an archive that is made by hand. */
export interface HandmadeEntry {
  path: string;
  content?: Buffer | string;
  type?:
    | 'File'
    | 'Directory'
    | 'SymbolicLink'
    | 'Link'
    | 'CharacterDevice'
    | 'FIFO';
  linkpath?: string;
  /** Another size than the content has. */
  size?: number;
}

/** A tar archive of these entries, however little sense they make. */
export function handmadeTar(...entries: HandmadeEntry[]): Buffer {
  return Buffer.concat([
    ...entries.flatMap(({ path, content = '', type = 'File', ...entry }) => {
      const body = Buffer.from(content);
      const header = Buffer.alloc(BLOCK);
      new Header({
        path,
        type,
        linkpath: entry.linkpath,
        mode: 0o644,
        size: entry.size ?? body.length,
        mtime: new Date(0),
      }).encode(header);
      return [
        header,
        body,
        Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK),
      ];
    }),
    Buffer.alloc(2 * BLOCK),
  ]);
}

/** The same, packed. */
export const handmadeTarGzip = (...entries: HandmadeEntry[]) =>
  gzipSync(handmadeTar(...entries));
