import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Writable } from 'node:stream';
import tar from 'tar-stream';
import type { CommitFacts, ObjectReader } from './ObjectReader';
import { walkFiles } from './repositoryFiles';

/**
 * Streams all files of a commit as `.tar.gz`, below one folder named `root`.
 *
 * @internal
 */
export async function writeArchive(options: {
  objects: ObjectReader;
  commit: CommitFacts;
  root: string;
  to: Writable;
}): Promise<void> {
  const { objects, commit, root, to } = options;
  const archive = tar.pack();
  const filled = fill();
  await Promise.all([pipeline(archive, createGzip(), to), filled]);

  async function fill(): Promise<void> {
    try {
      const mtime = new Date(commit.author.timestamp * 1000);
      for await (const file of walkFiles(objects, commit.tree)) {
        const content = Buffer.from(await objects.blob(file.oid));
        const name = `${root}/${file.path}`;
        if (file.mode === '120000') {
          const linkname = content.toString('utf8');
          archive.entry({ name, mtime, type: 'symlink', linkname });
        } else {
          const mode = file.mode === '100755' ? 0o755 : 0o644;
          archive.entry({ name, mtime, mode }, content);
        }
      }
      archive.finalize();
    } catch (error) {
      archive.destroy(error instanceof Error ? error : new Error(`${error}`));
      throw error;
    }
  }
}
