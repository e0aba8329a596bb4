import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';

const MAX_LINE_BYTES = 4 * 1024 * 1024;

/**
 * The lines of a watch. What follows the last line feed was cut off and is left out.
 *
 * @throws `WasiError` CLUSTER_UNEXPECTED for a line longer than any object is.
 * @internal
 */
export async function* splitLines(
  source: AsyncIterable<Buffer>,
  cluster: string,
): AsyncGenerator<string, void, void> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    let start = 0;
    for (
      let end = chunk.indexOf(0x0a);
      end !== -1;
      end = chunk.indexOf(0x0a, start)
    ) {
      parts.push(chunk.subarray(start, end));
      const line = Buffer.concat(parts).toString('utf8').trim();
      parts = [];
      size = 0;
      start = end + 1;
      if (line) {
        yield line;
      }
    }
    const rest = chunk.subarray(start);
    size += rest.length;
    if (size > MAX_LINE_BYTES) {
      throw new WasiError('CLUSTER_UNEXPECTED', {
        message: `Cluster "${cluster}" sent a watch line of more than ${MAX_LINE_BYTES} bytes.`,
      });
    }
    parts.push(rest);
  }
}
