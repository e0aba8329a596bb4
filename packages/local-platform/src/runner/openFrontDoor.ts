import { FrontDoor } from './FrontDoor';
import { RunnerFailure } from './RunnerFailure';

/**
 * Opens a module's address: the port that it had, else a free one of the range.
 *
 * @param options - `taken`: ports of other modules, which may not listen yet.
 * @throws RunnerFailure `failed` where the range is used up.
 * @internal
 */
export async function openFrontDoor(options: {
  preferred: number | undefined;
  range: { first: number; last: number };
  taken: ReadonlySet<number>;
}): Promise<FrontDoor> {
  const { preferred, range, taken } = options;
  for (const port of candidates(preferred, range)) {
    if (port !== preferred && port !== 0 && taken.has(port)) {
      continue;
    }
    try {
      return await FrontDoor.open(port);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EADDRINUSE' && code !== 'EACCES') {
        throw error;
      }
    }
  }
  throw new RunnerFailure(
    'failed',
    `No port is free between ${range.first} and ${range.last}`,
  );
}

function* candidates(
  preferred: number | undefined,
  range: { first: number; last: number },
): Generator<number> {
  if (preferred !== undefined) {
    yield preferred;
  }
  for (let port = range.first; port <= range.last; port++) {
    yield port;
  }
}
