import {
  WasiError,
  type LogLine,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { logLineSchema } from './deploymentSchemas';

// The backend sends a blank line more often than this while a log is quiet.
const SILENCE_MS = 60_000;
// Longer than any line the backend sends; a stream without line ends must not fill the page's memory.
const LONGEST_LINE = 256 * 1024;

/** Reads JSON lines until the stream ends; fails where it breaks, or nothing comes for a minute. */
export async function readLogStream(
  body: ReadableStream<Uint8Array>,
  onLine: (line: LogLine) => void,
  silenceMs: number = SILENCE_MS,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await withDeadline(reader.read(), silenceMs);
      const lines = (rest + decoder.decode(value, { stream: !done })).split(
        '\n',
      );
      rest = done ? '' : lines.pop() ?? '';
      if (rest.length > LONGEST_LINE) {
        throw new WasiError('BACKEND_UNEXPECTED', {
          message: 'Could not follow the log: a line does not end.',
        });
      }
      lines.filter(line => line.trim() !== '').forEach(line => report(line));
      if (done) {
        return;
      }
    }
  } finally {
    // What is left unread is wanted by nobody; a stream that broke has nothing to cancel.
    reader.cancel().catch(() => {});
  }

  function report(text: string) {
    const parsed = logLineSchema.safeParse(parseJson(text));
    if (!parsed.success) {
      throw new WasiError('BACKEND_UNEXPECTED', {
        message: 'Could not follow the log: a line is not understood.',
      });
    }
    onLine(parsed.data);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema says that this is not a line.
    return undefined;
  }
}

async function withDeadline<T>(
  promise: Promise<T>,
  milliseconds: number,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new WasiError('BACKEND_UNREACHABLE', {
            message: 'Could not follow the log: nothing came for a while.',
          }),
        ),
      milliseconds,
    );
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
