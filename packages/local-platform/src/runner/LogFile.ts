import { appendFile, readFile, rename, rm, stat } from 'node:fs/promises';

/** Of each of two files: the newer one is written, the older one kept whole. */
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * One line of a log and its instant.
 *
 * @internal
 */
export interface LogLine {
  time: Date;
  text: string;
}

/**
 * The last part of a pod's log on disk, so that it outlives the platform.
 *
 * @internal
 */
export class LogFile {
  readonly #path: string;
  #size: number;
  #pending = '';
  #writing: Promise<void> | undefined;

  private constructor(path: string, size: number) {
    this.#path = path;
    this.#size = size;
  }

  /** Continues the log at `path`, and tells what is in it. */
  static async open(
    path: string,
  ): Promise<{ file: LogFile; lines: LogLine[] }> {
    const [older, newer] = await Promise.all([
      readText(olderPath(path)),
      readText(path),
    ]);
    const size = await stat(path).then(
      found => found.size,
      () => 0,
    );
    return {
      file: new LogFile(path, size),
      lines: (older + newer).split('\n').flatMap(readLine),
    };
  }

  static async remove(path: string): Promise<void> {
    await rm(path, { force: true });
    await rm(olderPath(path), { force: true });
  }

  append({ time, text }: LogLine): void {
    this.#pending += `${time.toISOString()} ${text}\n`;
    if (this.#pending.length > 2 * MAX_FILE_BYTES) {
      // The disk is slower than the module: what is older than a file holds is lost anyway.
      const kept = this.#pending.slice(-MAX_FILE_BYTES);
      this.#pending = kept.slice(kept.indexOf('\n') + 1);
    }
    this.#writing ??= this.#write();
  }

  /** Resolves when all is on disk. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async remove(): Promise<void> {
    this.#pending = '';
    await this.#writing;
    await LogFile.remove(this.#path);
  }

  async #write(): Promise<void> {
    try {
      while (this.#pending) {
        const text = this.#pending;
        this.#pending = '';
        await appendFile(this.#path, text);
        this.#size += Buffer.byteLength(text);
        if (this.#size > MAX_FILE_BYTES) {
          await rename(this.#path, olderPath(this.#path));
          this.#size = 0;
        }
      }
    } catch {
      // A full disk costs what a restart would read, not the module nor its log in memory.
    } finally {
      this.#writing = undefined;
    }
  }
}

function olderPath(path: string): string {
  return `${path}.1`;
}

async function readText(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '');
}

/** A line that was cut when the machine stopped has no instant, and is left out. */
function readLine(line: string): LogLine[] {
  const [, instant, text] = /^(\S+Z) (.*)$/s.exec(line) ?? [];
  const time = new Date(instant);
  return Number.isNaN(time.getTime()) ? [] : [{ time, text }];
}
