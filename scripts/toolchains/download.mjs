import { createHash } from 'node:crypto';

const TIMEOUT_MS = 10 * 60_000;

/**
 * Downloads a file that is known by its digest.
 *
 * @param {string[]} urls Places that have it, tried in order.
 * @returns {Promise<Buffer>}
 */
export async function download(urls, sha256) {
  const failures = [];
  for (const url of urls) {
    try {
      const response = await fetch(url, {
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (!response.ok) {
        throw new Error(`answered ${response.status}`);
      }
      const content = Buffer.from(await response.arrayBuffer());
      const digest = createHash('sha256').update(content).digest('hex');
      if (digest !== sha256) {
        throw new Error(`its sha256 is ${digest}, not ${sha256}`);
      }
      return content;
    } catch (error) {
      failures.push(`${url}: ${error.cause?.message ?? error.message}`);
    }
  }
  throw Object.assign(new Error(`${new URL(urls[0]).host} cannot be read`), {
    tail: failures,
  });
}
