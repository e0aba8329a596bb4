/** Waits for what may never come, until the signal aborts. @internal */
export async function untilAborted(
  done: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) {
    return;
  }
  let stop = () => {};
  const aborted = new Promise<void>(resolve => {
    stop = resolve;
    signal.addEventListener('abort', stop, { once: true });
  });
  await Promise.race([done, aborted]);
  signal.removeEventListener('abort', stop);
}
