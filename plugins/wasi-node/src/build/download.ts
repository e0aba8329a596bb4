import { open } from 'node:fs/promises';
import {
  isWasiError,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { hostReach } from '../network/addressReach';
import { RefusedAddressError } from '../network/guardLookup';
import { refusedReaches } from './fetchFile';
import type { BuildRun } from './types';

const MAX_REDIRECTS = 5;
const TIMEOUT_MS = 60_000;

/**
 * Downloads a file from a host that `wasi.prebuilt.allowedHosts` names, with
 * bounds on size and time. A redirect must lead to such a host, too.
 *
 * @returns The target.
 * @internal
 */
export async function download(
  run: BuildRun,
  options: { url: string; target: string; maxBytes: number; accept?: string },
): Promise<string> {
  const timeout = AbortSignal.timeout(Math.min(TIMEOUT_MS, run.timeLeft()));
  const signal = run.signal ? AbortSignal.any([timeout, run.signal]) : timeout;
  let url = requireAllowed(run, options.url);
  try {
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const response = await run.fetch(url.href, {
        redirect: 'manual',
        signal,
        headers: { accept: options.accept ?? 'application/wasm, */*' },
      });
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location) {
        await response.body?.cancel();
        url = requireAllowed(run, new URL(location, url).href);
      } else if (response.status !== 200) {
        await response.body?.cancel();
        throw failed(url.host, `it answered ${response.status}`);
      } else {
        try {
          await save(response, options);
        } catch (error) {
          // What is not wanted any more is not waited for.
          await response.body?.cancel().catch(() => undefined);
          throw error;
        }
        return options.target;
      }
    }
    throw failed(url.host, `it redirected more than ${MAX_REDIRECTS} times`);
  } catch (error) {
    if (isWasiError(error)) {
      throw error;
    }
    const refused = (error as Error).cause;
    if (refused instanceof RefusedAddressError) {
      throw new WasiError('SOURCE_URL_NOT_ALLOWED', {
        message: `Modules may not be downloaded from there: ${refused.message}.`,
        remedy: 'Use a host that lies at an address of its own.',
        cause: error,
      });
    }
    if (run.signal?.aborted) {
      throw new WasiError('BUILD_ABORTED', {
        message: 'The download was cancelled.',
      });
    }
    throw failed(
      url.host,
      timeout.aborted ? 'it took too long' : reasonOf(error),
      error,
    );
  }
}

function requireAllowed(run: BuildRun, text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new WasiError('INPUT_INVALID', {
      message: 'build.source of func.yaml is no valid address.',
      remedy:
        'Write a path, an https address, npm:package@version/path or oci://registry/repository:tag.',
    });
  }
  if (url.protocol !== 'https:' || url.username || url.password) {
    throw new WasiError('SOURCE_URL_NOT_ALLOWED', {
      message: `Modules are downloaded over https and without a login in the address; this one begins with ${
        url.protocol
      }//${url.username ? '…@' : ''}${url.host}.`,
      remedy: 'Use an https address.',
    });
  }
  const reach = hostReach(url.hostname);
  if (
    !run.config.prebuilt.allowedHosts.includes(url.host) ||
    (reach && refusedReaches.includes(reach))
  ) {
    throw new WasiError('SOURCE_URL_NOT_ALLOWED', {
      message: `Modules may not be downloaded from ${url.host}.`,
    });
  }
  return url;
}

async function save(
  response: {
    headers: { get(name: string): string | null };
    body: AsyncIterable<Uint8Array> | null;
  },
  { target, maxBytes }: { target: string; maxBytes: number },
): Promise<void> {
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    throw tooLarge(maxBytes);
  }
  const file = await open(target, 'wx');
  try {
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      // The length that was announced is only a promise.
      if (size > maxBytes) {
        throw tooLarge(maxBytes);
      }
      await file.write(chunk);
    }
  } finally {
    await file.close();
  }
}

function tooLarge(maxBytes: number): WasiError {
  return new WasiError('MODULE_TOO_LARGE', {
    message: `The download has more than ${maxBytes} bytes.`,
  });
}

function failed(host: string, why: string, cause?: unknown): WasiError {
  return new WasiError('SOURCE_DOWNLOAD_FAILED', {
    message: `The module could not be downloaded from ${host}: ${why}.`,
    cause,
  });
}

/** `fetch failed` tells nothing; what it wraps does. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
