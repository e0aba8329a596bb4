/** The value below which the share `p` (0 to 1) of the samples lies, by nearest rank. */
export function percentile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * p) - 1)];
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

/** How long it takes, in milliseconds. */
export async function milliseconds(
  work: () => Promise<unknown>,
): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Milliseconds of the same work again and again. */
export async function alone(
  rounds: number,
  work: () => Promise<unknown>,
): Promise<number[]> {
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    samples.push(await milliseconds(work));
  }
  return samples;
}

/** Milliseconds of two ways to the same end, by turns, so that what else runs slows both. */
export async function sideBySide(
  rounds: number,
  ours: (round: number) => Promise<unknown>,
  theirs: (round: number) => Promise<unknown>,
): Promise<{ ours: number[]; theirs: number[] }> {
  const samples = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const oursFirst = round % 2 === 0;
    if (!oursFirst) {
      samples.theirs.push(await milliseconds(() => theirs(round)));
    }
    samples.ours.push(await milliseconds(() => ours(round)));
    if (oursFirst) {
      samples.theirs.push(await milliseconds(() => theirs(round)));
    }
  }
  return samples;
}
