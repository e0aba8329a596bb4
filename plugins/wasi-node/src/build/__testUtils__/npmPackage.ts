import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

export interface ArchiveEntry {
  path: string;
  type?: 'File' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO';
  linkpath?: string;
  content?: Buffer;
}

/** An archive as `npm pack` makes it, but with whatever entries. */
export function tarball(entries: ArchiveEntry[]): Buffer {
  const blocks = entries.flatMap(
    ({ path, type = 'File', linkpath, content = Buffer.alloc(0) }) => {
      const header = new Header({
        path,
        type,
        linkpath,
        size: content.length,
        mode: 0o644,
      });
      header.encode();
      return [
        header.block as Buffer,
        content,
        Buffer.alloc((512 - (content.length % 512)) % 512),
      ];
    },
  );
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

/** What the registry of npm says about a package with this archive. */
export const packageMetadata = (tarballUrl: string, archive: Buffer) => ({
  dist: {
    tarball: tarballUrl,
    integrity: `sha512-${createHash('sha512')
      .update(archive)
      .digest('base64')}`,
  },
});
