import type { LineCounter } from 'yaml';
import { catalogue, type Finding, type WasiErrorCode } from '../diagnosis';

/** Values that a file may come to once its aliases are followed. */
const MAX_VALUES = 20_000;
/** Of errors, and of what is no error: more of them help nobody. */
const MAX_FINDINGS = 100;
const MAX_MESSAGE_LENGTH = 500;

/**
 * A fault in the words of the reader that met it; place and remedy are filled in.
 *
 * @internal
 */
export interface Fault {
  code?: WasiErrorCode;
  severity?: Finding['severity'];
  message: string;
  remedy?: string;
}

/**
 * Offsets of a value in the text: its start, and the end of what belongs to it.
 *
 * @internal
 */
export type Extent = readonly [start: number, end: number];

/**
 * Gathers the findings of one file, and where each of its values stands.
 *
 * @internal
 */
export class FuncYamlReport {
  /** Offset of the first syntax error: a value that reaches beyond it may not be what was meant. */
  trustedUntil = Infinity;
  readonly #findings: Finding[] = [];
  readonly #extents = new Map<string, Extent>();
  readonly #lineCounter: LineCounter;
  readonly #counts = { error: 0, other: 0 };
  #leftOut = 0;
  #valuesLeft = MAX_VALUES;

  constructor(lineCounter: LineCounter) {
    this.#lineCounter = lineCounter;
  }

  /** In the order of the file. */
  get findings(): Finding[] {
    const sorted = [...this.#findings].sort(
      (a, b) =>
        (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
    );
    return this.#leftOut === 0
      ? sorted
      : [
          ...sorted,
          {
            code: 'FUNC_YAML_INVALID',
            severity: 'warning',
            message: `func.yaml has ${this.#leftOut} more faults`,
            remedy: 'Correct those named, then look again.',
          },
        ];
  }

  /** Remembers where the value of a path stands. */
  locate(path: string, extent: Extent | undefined): void {
    if (extent) {
      this.#extents.set(path, extent);
    }
  }

  /** Line of a path that was located. */
  lineOf(path: string): number | undefined {
    const extent = this.#extents.get(path);
    return extent && this.#lineCounter.linePos(extent[0]).line;
  }

  /** Adds a fault of a value, unless the value cannot be trusted to be what was meant. */
  add(
    path: string,
    fault: Fault,
    extent: Extent = this.#extents.get(path) ?? [0, 0],
  ): void {
    const [start, end] = extent;
    if (end < this.trustedUntil) {
      this.addAt(start, fault, path);
    }
  }

  /** Adds a fault at an offset. */
  addAt(offset: number, fault: Fault, path = ''): void {
    const code = fault.code ?? 'FUNC_YAML_INVALID';
    const severity = fault.severity ?? 'error';
    const kind = severity === 'error' ? 'error' : 'other';
    this.#counts[kind] += 1;
    if (this.#counts[kind] > MAX_FINDINGS) {
      this.#leftOut += 1;
      return;
    }
    const { line, col } = this.#lineCounter.linePos(offset);
    this.#findings.push({
      code,
      severity,
      message: printable(fault.message),
      remedy: fault.remedy ?? catalogue[code].remedy,
      ...(path !== '' && { path }),
      // An empty file has no first line yet.
      line: Math.max(line, 1),
      column: Math.max(col, 1),
    });
  }

  /**
   * Counts one more value; false once there are too many, which is what a few
   * lines of nested aliases can come to.
   */
  spend(): boolean {
    this.#valuesLeft -= 1;
    if (this.#valuesLeft === -1) {
      this.addAt(0, {
        message: `func.yaml comes to more than ${MAX_VALUES} values`,
        remedy: 'Shorten the file, or remove nested aliases.',
      });
    }
    return this.#valuesLeft >= 0;
  }
}

/** One line of bearable length, whatever the file holds: it may end up in a terminal. */
function printable(message: string): string {
  const shown =
    message.length > MAX_MESSAGE_LENGTH
      ? `${message.slice(0, MAX_MESSAGE_LENGTH)}…`
      : message;
  return shown.replace(
    /\p{Cc}/gu,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
