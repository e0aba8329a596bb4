import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes } from '@wasi-functions/backstage-plugin-wasi-common';
import { readModuleFile } from '../inspect/inspectModule';
import { shrinkModule } from './shrinkModule';
import { stripModule } from './stripModule';
import type { BuildRun } from './types';

/**
 * Makes a module that was built here smaller, as `build.optimize` of func.yaml
 * says. A module that came as it is stays as it is: somebody vouches for its bytes.
 *
 * @returns Where it lies now, and how large it was.
 * @internal
 */
export async function optimiseModule(
  run: BuildRun,
  path: string,
): Promise<{ path: string; sizeBefore?: number }> {
  const { funcConfig, runtime, progress } = run;
  const { optimize = 'strip' } = funcConfig.build;
  if (optimize === 'none' || runtime.strategy === 'prebuilt') {
    return { path };
  }
  const { sizeBefore, path: target } = await progress.run(
    'optimise',
    async () => {
      const built = await readModuleFile(path, run.config.build.maxModuleBytes);
      const optimised =
        optimize === 'size'
          ? stripModule(await shrinkModule(run, built))
          : stripModule(built);
      const output = join(run.scratch, 'optimised.wasm');
      await writeFile(output, optimised);
      return { path: output, sizeBefore: built.length, size: optimised.length };
    },
    sizes => describeGain(sizes.sizeBefore, sizes.size),
  );
  return { path: target, sizeBefore };
}

function describeGain(before: number, after: number): string {
  const [from, to] = [formatBytes(before), formatBytes(after)];
  if (from !== to) {
    return `${from} → ${to}`;
  }
  return before === after ? to : `${to}, ${formatBytes(before - after)} less`;
}
