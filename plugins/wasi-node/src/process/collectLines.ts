import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';

const MAX_LINE_LENGTH = 4_096;
const MAX_TAIL_LINES = 200;

/**
 * Cuts streams of bytes into lines of bounded length and keeps the last of them.
 *
 * @internal
 */
export function collectLines(onLine?: (line: string) => void): {
  /** A writer for one more stream; streams do not share lines. */
  open(): (chunk: Buffer) => void;
  /** Emits lines that have no end. */
  close(): void;
  tail(): string[];
} {
  const tail: string[] = [];
  const closers: (() => void)[] = [];

  function emit(raw: string) {
    const line = stripVTControlCharacters(raw).replace(/\r$/, '');
    tail.push(line);
    if (tail.length > MAX_TAIL_LINES) {
      tail.shift();
    }
    onLine?.(line);
  }

  return {
    open() {
      const decoder = new StringDecoder('utf8');
      let rest = '';
      let cut = false;

      function take(text: string) {
        const parts = text.split('\n');
        parts.forEach((part, index) => {
          if (!cut) {
            rest += part;
            if (rest.length > MAX_LINE_LENGTH) {
              emit(`${rest.slice(0, MAX_LINE_LENGTH)}…`);
              rest = '';
              cut = true;
            }
          }
          if (index < parts.length - 1) {
            if (!cut) {
              emit(rest);
            }
            rest = '';
            cut = false;
          }
        });
      }

      closers.push(() => {
        take(decoder.end());
        if (rest && !cut) {
          emit(rest);
        }
      });
      return chunk => take(decoder.write(chunk));
    },
    close() {
      closers.splice(0).forEach(closeStream => closeStream());
    },
    tail: () => [...tail],
  };
}
