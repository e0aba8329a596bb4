const INTERVAL_MS = 1_000;
const BYTES_PER_INTERVAL = 1024 * 1024;
const NEWLINE = 10;

/**
 * Lets a guest print so much a second; what is more is read, counted and
 * dropped, so that neither the guest's pipe blocks nor its readers drown.
 *
 * @param options - `write` takes what is kept, `onDropped` the number of lines that were not.
 * @internal
 */
export function limitOutput(options: {
  write: (chunk: Buffer) => void;
  onDropped: (lines: number) => void;
}): { write(chunk: Buffer): void; close(): void } {
  let left = BYTES_PER_INTERVAL;
  let dropped = 0;
  let lineIsOpen = false;
  let dropping = false;
  let interval: NodeJS.Timeout | undefined;

  function endInterval() {
    clearTimeout(interval);
    interval = undefined;
    left = BYTES_PER_INTERVAL;
    if (dropped > 0) {
      options.onDropped(dropped);
      dropped = 0;
    }
  }

  function keep(chunk: Buffer) {
    if (chunk.length > 0) {
      lineIsOpen = chunk[chunk.length - 1] !== NEWLINE;
      options.write(chunk);
    }
  }

  function drop(chunk: Buffer) {
    if (lineIsOpen) {
      keep(Buffer.from('\n'));
    }
    dropped += countLines(chunk);
    dropping = chunk[chunk.length - 1] !== NEWLINE;
  }

  return {
    write(chunk) {
      interval ??= setTimeout(endInterval, INTERVAL_MS).unref();
      if (left <= 0) {
        drop(chunk);
        return;
      }
      left -= chunk.length;
      if (!dropping) {
        keep(chunk);
        return;
      }
      // The rest of a line whose beginning was dropped.
      const end = chunk.indexOf(NEWLINE);
      if (end !== -1) {
        dropping = false;
        dropped++;
        keep(chunk.subarray(end + 1));
      }
    },
    close: endInterval,
  };
}

function countLines(chunk: Buffer): number {
  let count = 0;
  for (
    let at = chunk.indexOf(NEWLINE);
    at !== -1;
    at = chunk.indexOf(NEWLINE, at + 1)
  ) {
    count++;
  }
  return count;
}
