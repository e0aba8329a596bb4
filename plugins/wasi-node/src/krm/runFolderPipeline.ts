import type { ModuleEngine } from '../run';
import { readResourceFiles, writeResourceFiles } from './resourceFiles';
import { runKrmPipeline } from './runKrmPipeline';
import type { KrmLimits, KrmPipeline, KrmResult } from './types';

/**
 * Runs a pipeline over the resources in the YAML files of a folder. The files are
 * written once all of its functions have agreed; what no function changed stays as it is.
 *
 * @returns `changed`: files that were written or removed, relative to the folder.
 * @throws `WasiError` KRM_RESOURCES_INVALID, KRM_CHANGE_REFUSED, or of the function that failed
 * @public
 */
export async function runFolderPipeline(
  options: {
    engine: Pick<ModuleEngine, 'runCommand'>;
    pipeline: KrmPipeline;
    directory: string;
    log: (line: string) => void;
  } & KrmLimits,
): Promise<{ resources: number; results: KrmResult[]; changed: string[] }> {
  const { engine, pipeline, directory, log, ...limits } = options;
  const before = await readResourceFiles(directory, limits.signal);
  const { items: after, results } = await runKrmPipeline({
    engine,
    pipeline,
    items: before,
    limits,
    log,
  });
  const changed = await writeResourceFiles({ directory, before, after });
  return { resources: after.length, results, changed };
}
