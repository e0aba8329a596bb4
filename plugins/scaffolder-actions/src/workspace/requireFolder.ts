import { stat } from 'node:fs/promises';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { resolveInWorkspace } from '@wasi-functions/backstage-plugin-wasi-node';
import { unlessPresent } from './functionFolder';

/**
 * The absolute path of a folder in the workspace.
 *
 * @throws WasiError SOURCE_MISSING, SOURCE_PATH_ESCAPES
 * @internal
 */
export async function requireFolder(
  workspacePath: string,
  path: string,
): Promise<string> {
  const directory = resolveInWorkspace(workspacePath, path);
  const stats = await stat(directory).catch(unlessPresent);
  if (!stats?.isDirectory()) {
    throw new WasiError('SOURCE_MISSING', {
      message: `There is no folder ${JSON.stringify(
        path.slice(0, 200),
      )} in the workspace.`,
    });
  }
  return directory;
}
