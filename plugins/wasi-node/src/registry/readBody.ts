import { connectionFailure } from './connectionFailure';
import { RegistryFailure } from './RegistryFailure';
import type { TransportResponse } from './transport';

/** An answer that goes on for longer costs its connection. */
const longestDropMs = 1_000;

/**
 * Reads a small answer whole, and refuses one that is not small.
 *
 * @throws RegistryFailure `REGISTRY_UNEXPECTED`, or as the connection fails.
 */
export async function readBody(
  response: TransportResponse,
  options: { maxBytes: number; what: string; signal?: AbortSignal },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > options.maxBytes) {
        // Leaving the loop destroys the body, and with it the connection.
        throw new RegistryFailure('REGISTRY_UNEXPECTED', {
          message: `Registry ${response.url.host} sent more than ${options.maxBytes} bytes as ${options.what}`,
        });
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw connectionFailure(error, {
      host: response.url.host,
      signal: options.signal,
    });
  }
  return Buffer.concat(chunks);
}

/** Lets go of an answer that nobody reads. */
export async function dropBody(response: TransportResponse): Promise<void> {
  // A failure here changes nothing: the answer was read as far as it matters.
  await response.body
    .dump({ limit: 64 * 1024, signal: AbortSignal.timeout(longestDropMs) })
    .catch(() => {});
}

/** One value of a header. */
export function headerOf(
  response: TransportResponse,
  name: string,
): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
