import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';

/** For archives and layouts that are broken, or made to break their reader. */
export function archiveInvalid(why: string): WasiError {
  return new WasiError('ARCHIVE_INVALID', {
    message: `The archive cannot be read: ${why}`,
  });
}
