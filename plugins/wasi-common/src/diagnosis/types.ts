import type { WasiErrorCode } from './catalogue';

/**
 * How much a finding matters: an `error` stops the work, a `warning` does not,
 * `info` tells something worth knowing.
 *
 * @public
 */
export type Severity = 'error' | 'warning' | 'info';

/**
 * Something that a person should know about a file, a module or a resource.
 *
 * @public
 */
export interface Finding {
  /** Key into the error catalogue. */
  code: WasiErrorCode;
  severity: Severity;
  /** What was found, on what, in one sentence. */
  message: string;
  /** What to do next, in one sentence. */
  remedy: string;
  /** Path of the field, e.g. `deploy.network.tcp.connect[0]`. */
  path?: string;
  /** One-based line in the file the finding is about. */
  line?: number;
  /** One-based column in that line. */
  column?: number;
}
