import { readFile } from 'node:fs/promises';

/**
 * Whether processes together hold more memory than that, files of others not counted.
 *
 * @internal
 */
export async function usesMoreMemory(
  pids: readonly number[],
  maxBytes: number,
): Promise<boolean> {
  // What processes share is counted for each of them: the sum is never too small.
  const upper = await sum(pids, 'status', /^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm);
  return (
    upper > maxBytes &&
    // Their shares, which take long to count.
    (await sum(pids, 'smaps_rollup', /^Pss_(?:Anon|Shmem):\s+(\d+) kB$/gm)) >
      maxBytes
  );
}

async function sum(
  pids: readonly number[],
  file: string,
  pattern: RegExp,
): Promise<number> {
  let kibibytes = 0;
  for (const pid of pids) {
    // Ended meanwhile, or not ours to look into: then it has no memory that we could count.
    const text = await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    for (const [, value] of text.matchAll(pattern)) {
      kibibytes += Number(value);
    }
  }
  return kibibytes * 1024;
}
