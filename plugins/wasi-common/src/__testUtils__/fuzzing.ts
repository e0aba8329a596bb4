/**
 * Parameters of a property test: the same cases in every run, unless
 * WASI_FUZZ_SEED and WASI_FUZZ_ROUNDS ask for others. A failure prints its seed.
 */
export function fuzzing(rounds: number) {
  return {
    seed: Number(process.env.WASI_FUZZ_SEED ?? 20_261_121),
    numRuns: Number(process.env.WASI_FUZZ_ROUNDS ?? rounds),
  };
}

/** How often a case must have come up in the usual rounds; other rounds promise nothing. */
export function atLeast(count: number) {
  return process.env.WASI_FUZZ_ROUNDS ? 0 : count;
}
