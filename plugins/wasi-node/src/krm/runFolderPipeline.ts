import type { ModuleEngine } from '../run';
import { readResourceFiles, writeResourceFiles } from './resourceFiles';
import { runKrmPipeline } from './runKrmPipeline';
import type { KrmLimits, KrmPipeline, KrmResult } from './types';

/**
 * Runs a pipeline over the resources in the YAML files of a folder. The files are
 * written once all of its functions have agreed; what no function changed stays as it is.
 *
 * @param options - `write`: false to leave every file as it is. Default: true.
 * @returns `changed`: files that were, or would be, written or removed, relative to the folder.
 * @throws `WasiError` KRM_RESOURCES_INVALID, KRM_CHANGE_REFUSED, or of the function that failed
 * @public
 */
export async function runFolderPipeline(
  options: {
    engine: Pick<ModuleEngine, 'runCommand'>;
    pipeline: KrmPipeline;
    directory: string;
    write?: boolean;
    log: (line: string) => void;
  } & KrmLimits,
): Promise<{ resources: number; results: KrmResult[]; changed: string[] }> {
  const { engine, pipeline, directory, write = true, log, ...limits } = options;
  const before = await readResourceFiles(directory, limits.signal);
  const { items: after, results } = await runKrmPipeline({
    engine,
    pipeline,
    items: before,
    limits,
    log,
  });
  const changed = await writeResourceFiles({
    directory,
    before,
    after,
    write,
  });
  return { resources: after.length, results, changed };
}
