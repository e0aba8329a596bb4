import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { create, extract } from 'tar';

/** Runs a fixed line of shell in the pod, whose words are arguments. @internal */
export type PodShell = (
  line: string,
  words: readonly string[],
  streams?: { stdin?: Readable; stdout?: Writable },
) => Promise<void>;

/**
 * Keeps a folder here and the same in a pod alike: all that is new here goes
 * there; of what is new there, the files that were asked for come back.
 *
 * @internal
 */
export class FolderSync {
  readonly #folder: string;
  readonly #shell: PodShell;
  readonly #maxBytes: number;
  /** By path: what both sides have. */
  readonly #known = new Map<string, string>();

  constructor(options: {
    folder: string;
    shell: PodShell;
    /** Of all that comes back at once. */
    maxBytes: number;
  }) {
    this.#folder = options.folder;
    this.#shell = options.shell;
    this.#maxBytes = options.maxBytes;
  }

  /** Sends what the pod does not have. */
  async send(): Promise<void> {
    const news: string[] = [];
    await this.#walk('', (path, state) => {
      if (this.#known.get(path) !== state) {
        this.#known.set(path, state);
        news.push(path);
      }
    });
    if (news.length === 0) {
      return;
    }
    await withTemporary(async archive => {
      await create(
        {
          file: archive,
          cwd: this.#folder,
          portable: true,
          noDirRecurse: true,
          follow: false,
        },
        // A name may begin with an @, which would name an archive.
        news.map(path => `./${path}`),
      );
      const { size } = await stat(archive);
      // Counted, not read to the end: not every cluster can tell where that is.
      await this.#shell(
        'head -c "$1" | tar -xf - -C "$2"',
        [String(size), this.#folder],
        { stdin: createReadStream(archive) },
      );
    });
  }

  /**
   * Takes the files at the top of the folder, and those of `patterns`.
   *
   * @param patterns - Paths below the folder, in which a star is any text.
   */
  receive(patterns: readonly string[]): Promise<void> {
    return this.#take(
      // Names from the pod are words of tar, never of the shell.
      'cd "$1" && shift && { find . -maxdepth 1 -type f -print0; for path in "$@"; do find . -mindepth 2 -type f -path "$path" -print0; done; } | tar --null --no-recursion -T - -cf -',
      patterns.map(pattern => `./${pattern}`),
    );
  }

  /** Takes all files of a folder below. */
  receiveFolder(folder: string): Promise<void> {
    return this.#take('cd "$1" && tar -cf - "$2"', [`./${folder}`]);
  }

  async #take(line: string, words: readonly string[]): Promise<void> {
    await withTemporary(async archive => {
      const limit = this.#maxBytes;
      async function* bounded(chunks: AsyncIterable<Buffer>) {
        let bytes = 0;
        for await (const chunk of chunks) {
          bytes += chunk.length;
          if (bytes > limit) {
            throw new WasiError('BUILD_DISK_LIMIT', {
              message: `What the tools left has more than ${limit} bytes.`,
            });
          }
          yield chunk;
        }
      }
      const incoming = new PassThrough();
      await Promise.all([
        pipeline(incoming, bounded, createWriteStream(archive)),
        this.#shell(line, [this.#folder, ...words], { stdout: incoming }),
      ]);
      if (await isEmpty(archive)) {
        return;
      }
      await extract({
        file: archive,
        cwd: this.#folder,
        strict: true,
        filter: (_path, entry) => 'type' in entry && entry.type === 'File',
      });
    });
    // What came back is there already.
    await this.#walk('', (path, state) => this.#known.set(path, state));
  }

  async #walk(
    folder: string,
    visit: (path: string, state: string) => void,
  ): Promise<void> {
    for (const name of await readdir(join(this.#folder, folder))) {
      const path = join(folder, name);
      const stats = await lstat(join(this.#folder, path));
      if (stats.isDirectory()) {
        visit(path, 'folder');
        await this.#walk(path, visit);
      } else if (stats.isFile() || stats.isSymbolicLink()) {
        visit(path, `${stats.ino} ${stats.size} ${stats.mtimeMs}`);
      }
    }
  }
}

/** Without an entry, an archive is nothing but zeros, which its reader takes for none. */
async function isEmpty(archive: string): Promise<boolean> {
  const file = await open(archive);
  try {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 0);
    return buffer[0] === 0;
  } finally {
    await file.close();
  }
}

async function withTemporary(use: (path: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'wasi-sync-'));
  try {
    await use(join(folder, 'archive.tar'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
