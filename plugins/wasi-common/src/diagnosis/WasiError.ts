import type { FieldChange } from '../api/deployments';
import { catalogue, type WasiErrorCode } from './catalogue';
import type { Finding } from './types';

/**
 * The one error class of the plugin set.
 *
 * Its `name` is that of a `@backstage/errors` class, so that the error
 * middleware of every backend answers with the right status; `code` and
 * `remedy` travel to the client with it.
 *
 * @public
 */
export class WasiError extends Error {
  /** Stable key into the error catalogue. */
  readonly code: WasiErrorCode;
  /** What to do next, in one sentence. */
  readonly remedy: string;
  /** All findings, where there is more than one. */
  readonly findings?: Finding[];
  /** Fields of others that a write would have taken, with both owners and both values. */
  readonly conflicts?: FieldChange[];

  /**
   * @param code - Key into the catalogue; decides the error's name and status.
   * @param options - `message`: what failed, on what and why. `remedy`: replaces
   * the catalogue's remedy where a better one is known. `cause` must hold
   * nothing that a portal user may not read.
   */
  constructor(
    code: WasiErrorCode,
    options: {
      message: string;
      remedy?: string;
      findings?: Finding[];
      conflicts?: FieldChange[];
      cause?: unknown;
    },
  ) {
    super(options.message);
    this.name = catalogue[code].errorName;
    this.code = code;
    this.remedy = options.remedy ?? catalogue[code].remedy;
    if (options.findings) {
      this.findings = options.findings;
    }
    if (options.conflicts) {
      this.conflicts = options.conflicts;
    }
    if (options.cause !== undefined) {
      // Not enumerable: a cause is for logs, and must not be serialised into an answer.
      Object.defineProperty(this, 'cause', {
        value: options.cause,
        enumerable: false,
        configurable: true,
      });
    }
  }
}

/**
 * Tells a {@link WasiError}, also one that crossed a package border.
 *
 * @public
 */
export function isWasiError(error: unknown): error is WasiError {
  return (
    error instanceof Error &&
    typeof (error as { code?: unknown }).code === 'string' &&
    Object.hasOwn(catalogue, (error as unknown as { code: string }).code)
  );
}
