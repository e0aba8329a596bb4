import type { LineCounter } from 'yaml';
import { catalogue, type Finding, type WasiErrorCode } from '../diagnosis';

/** Values that a file may come to once its aliases are followed. */
const MAX_VALUES = 20_000;

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
  #valuesLeft = MAX_VALUES;

  constructor(lineCounter: LineCounter) {
    this.#lineCounter = lineCounter;
  }

  /** In the order of the file. */
  get findings(): Finding[] {
    return [...this.#findings].sort(
      (a, b) =>
        (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
    );
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
    const { line, col } = this.#lineCounter.linePos(offset);
    this.#findings.push({
      code,
      severity: fault.severity ?? 'error',
      message: fault.message,
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
