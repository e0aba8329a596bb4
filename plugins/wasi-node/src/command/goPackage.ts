import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { resolveInWorkspace } from '../build/workspacePath';

/** Slashes only between segments: what can be read in one way alone is matched in one pass. */
const PACKAGE = /^(?:\.\/?)?(?:\w[\w.-]*(?:\/\w[\w.-]*)*)?$/;

/**
 * The argument of `go build` for a package of the module that is built; what go
 * would take for a flag, a pattern or a download is refused.
 *
 * @throws `WasiError` INPUT_INVALID, SOURCE_PATH_ESCAPES.
 * @internal
 */
export function goPackage(directory: string, source = '.'): string {
  if (!PACKAGE.test(source)) {
    throw new WasiError('INPUT_INVALID', {
      message: `${JSON.stringify(
        source.slice(0, 200),
      )} is no package below the folder.`,
      remedy: 'Name its folder, such as ./cmd/app.',
    });
  }
  resolveInWorkspace(directory, source);
  return source === '.' ? '.' : `./${source.replace(/^\.?\/?/, '')}`;
}
