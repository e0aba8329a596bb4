const running = new Map<string, Promise<unknown>>();

/** Runs what changes the same thing one after the other, within this process. */
export async function inTurn<Result>(
  key: string,
  operation: () => Promise<Result>,
): Promise<Result> {
  const before = running.get(key);
  const mine = (before ?? Promise.resolve()).then(operation, operation);
  running.set(key, mine);
  try {
    return await mine;
  } finally {
    if (running.get(key) === mine) {
      running.delete(key);
    }
  }
}
