import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { UrlReaderService } from '@backstage/backend-plugin-api';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { LeastRecentlyUsed } from '../services/LeastRecentlyUsed';

const MAX_BYTES = 256 * 1024;
const KEPT = 2000;
const TIMEOUT_MS = 20_000;

/** A func.yaml as it was read. @internal */
export interface Source {
  url: string;
  text: string;
  /** Tells one content from another, with that of the overlay. */
  revision: string;
  /** What differs in the environment. */
  overlay?: { url: string; text: string };
}

/**
 * Reads func.yaml files through the portal's URL readers; one that has not
 * changed is asked for by its etag and not sent again.
 *
 * Kept in memory alone: a func.yaml may hold values that nobody should find in
 * a database.
 *
 * @internal
 */
export class SourceReader {
  readonly #reader: UrlReaderService;
  readonly #known = new LeastRecentlyUsed<Source & { etag?: string }>(KEPT);

  constructor(reader: UrlReaderService) {
    this.#reader = reader;
  }

  /** @throws WasiError FUNC_YAML_MISSING, FUNC_YAML_TOO_LARGE, SYNC_SOURCE_UNREADABLE */
  async read(url: string, signal: AbortSignal): Promise<Source> {
    const known = this.#known.get(url);
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    try {
      const source = await inTime(
        this.#fetch(url, known?.etag, deadline),
        deadline,
      );
      this.#known.set(url, source);
      return source;
    } catch (error) {
      const { name, message } = error as Error;
      if (known && name === 'NotModifiedError') {
        return known;
      }
      if (error instanceof WasiError) {
        throw error;
      }
      signal.throwIfAborted();
      throw name === 'NotFoundError'
        ? new WasiError('FUNC_YAML_MISSING', {
            message: `There is no ${url}, or the portal may not read it.`,
          })
        : new WasiError('SYNC_SOURCE_UNREADABLE', {
            message: `${url} could not be read: ${
              deadline.aborted ? 'no answer in time' : firstLine(message)
            }.`,
          });
    }
  }

  /** A func.yaml as an environment has it. */
  async readOverlaid(
    base: Source,
    url: string,
    signal: AbortSignal,
  ): Promise<Source> {
    const overlay = await this.read(url, signal);
    return {
      ...base,
      revision: revisionOf(base.revision + overlay.revision),
      overlay: { url: overlay.url, text: overlay.text },
    };
  }

  async #fetch(url: string, etag: string | undefined, signal: AbortSignal) {
    const answer = await this.#reader.readUrl(url, { etag, signal });
    const bytes = answer.stream
      ? await readStream(answer.stream(), url)
      : await answer.buffer();
    if (bytes.length > MAX_BYTES) {
      throw tooLarge(url);
    }
    return {
      url,
      text: bytes.toString('utf8'),
      revision: revisionOf(bytes),
      etag: answer.etag,
    };
  }
}

function revisionOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}

async function readStream(stream: Readable, url: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
    size += chunks.at(-1)!.length;
    if (size > MAX_BYTES) {
      stream.destroy();
      throw tooLarge(url);
    }
  }
  return Buffer.concat(chunks);
}

/** Not every reader looks at the signal. */
async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop!);
  }
}

function tooLarge(url: string): WasiError {
  return new WasiError('FUNC_YAML_TOO_LARGE', {
    message: `${url} is larger than ${MAX_BYTES} bytes.`,
  });
}

function firstLine(message: string): string {
  return message.split('\n')[0].slice(0, 300);
}
