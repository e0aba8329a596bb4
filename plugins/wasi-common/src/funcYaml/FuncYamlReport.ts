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
 * Gathers the findings of one file, and where each of its values stands.
 *
 * @internal
 */
export class FuncYamlReport {
  readonly #findings: Finding[] = [];
  readonly #offsets = new Map<string, number>();
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
  locate(path: string, offset: number | undefined): void {
    if (offset !== undefined) {
      this.#offsets.set(path, offset);
    }
  }

  /** Line of a path that was located. */
  lineOf(path: string): number | undefined {
    const offset = this.#offsets.get(path);
    return offset === undefined
      ? undefined
      : this.#lineCounter.linePos(offset).line;
  }

  /** Adds a fault at a path, or at an offset of its own. */
  add(path: string, fault: Fault, offset = this.#offsets.get(path) ?? 0): void {
    const code = fault.code ?? 'FUNC_YAML_INVALID';
    // An empty file has no first line yet.
    const at = this.#lineCounter.lineStarts.length
      ? this.#lineCounter.linePos(offset)
      : { line: 1, col: 1 };
    this.#findings.push({
      code,
      severity: fault.severity ?? 'error',
      message: fault.message,
      remedy: fault.remedy ?? catalogue[code].remedy,
      ...(path !== '' && { path }),
      line: Math.max(at.line, 1),
      column: Math.max(at.col, 1),
    });
  }

  /**
   * Counts one more value; false once there are too many, which is what a few
   * lines of nested aliases can come to.
   */
  spend(): boolean {
    this.#valuesLeft -= 1;
    if (this.#valuesLeft === -1) {
      this.add('', {
        message: `func.yaml comes to more than ${MAX_VALUES} values`,
        remedy: 'Shorten the file, or remove nested aliases.',
      });
    }
    return this.#valuesLeft >= 0;
  }
}
