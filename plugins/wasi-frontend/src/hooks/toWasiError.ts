import {
  isWasiError,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';

/** The error itself where it is ours, else one of ours that says the same. */
export function toWasiError(error: unknown): WasiError {
  if (isWasiError(error)) {
    return error;
  }
  return new WasiError('BACKEND_UNEXPECTED', {
    message: error instanceof Error ? error.message : String(error),
    cause: error,
  });
}
