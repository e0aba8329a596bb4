import {
  WasiError,
  type WasiErrorCode,
} from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * A registry error that knows whether the same request may be sent again.
 */
export class RegistryFailure extends WasiError {
  /** HTTP status, where the registry answered. */
  readonly status?: number;
  /** Present when trying again may help; with the pause the registry asked for. */
  readonly again?: { afterMs?: number };

  constructor(
    code: WasiErrorCode,
    options: {
      message: string;
      remedy?: string;
      status?: number;
      again?: { afterMs?: number };
    },
  ) {
    super(code, { message: options.message, remedy: options.remedy });
    // Not enumerable: neither is part of what a portal user is told.
    Object.defineProperty(this, 'status', { value: options.status });
    Object.defineProperty(this, 'again', { value: options.again });
  }
}
