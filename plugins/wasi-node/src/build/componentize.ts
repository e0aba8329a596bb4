import { join } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { readModuleFile } from '../inspect/inspectModule';
import { readBinary } from '../inspect/readBinary';
import { prepareWit } from './prepareWit';
import { requireJco } from './requireJco';
import type { BuildRun } from './types';
import { runWasmTools } from './wasmTools';
import { requireContained, workspacePath } from './workspacePath';

/**
 * Makes a component of a core module that was written to become one; a
 * component is left as it is.
 *
 * @returns Path of the component.
 * @throws `WasiError` MODULE_IS_CORE with the reason, where none can be made.
 * @internal
 */
export async function componentize(
  run: BuildRun,
  path: string,
): Promise<string> {
  const binary = readBinary(
    await readModuleFile(path, run.config.build.maxModuleBytes),
  );
  if (binary.kind === 'component') {
    return path;
  }
  const imports = binary.imports.map(({ name }) => name);
  const exports = binary.exports.map(({ name }) => name);
  // A module that carries its world needs no other, unless that is of a library alone.
  const carriesWorld = binary.customSections.some(name =>
    name.startsWith('component-type'),
  );
  const version = exports
    .map(
      name =>
        /^wasi:http\/incoming-handler@(0\.2\.\d+)#handle$/.exec(name)?.[1],
    )
    .find(Boolean);
  // Whatever its world, and whichever way of naming exports it follows.
  const answersHttp = exports.some(name =>
    name.includes('wasi:http/incoming-handler'),
  );
  if (!answersHttp || (!carriesWorld && !version)) {
    throw new WasiError('MODULE_IS_CORE', {
      message: `The module is a core module that cannot be served: ${describeUse(
        imports,
        exports,
      )}.`,
      remedy:
        'Build it for wasm32-wasip2 with the world wasi:http/proxy, or export wasi:http/incoming-handler@0.2.3#handle.',
    });
  }

  run.log('Make it a component');
  const output = join(run.scratch, 'component.wasm');
  const result = await run.progress.run('componentize', async () =>
    runWasmTools(run, {
      command: 'componentize',
      input: path,
      output,
      carriesWorld,
      ...(version && {
        wit: await findWit(run, imports, version),
        world: 'function',
      }),
      adapter: imports.some(name => name.startsWith('wasi_snapshot_preview1.')),
    }),
  );
  if (!result.ok) {
    const reason = result.message
      .split('\n')
      .map(line => line.trim())
      .filter(Boolean)
      .join(' ');
    throw new WasiError('BUILD_FAILED', {
      message: `No component can be made of the module: ${reason.slice(
        0,
        600,
      )}`,
      remedy: 'Correct its imports and exports to those of wasi:http.',
    });
  }
  return output;
}

async function findWit(
  run: BuildRun,
  imports: string[],
  version: string | undefined,
): Promise<string> {
  const own = await workspacePath(run.directory, 'wit');
  if (own) {
    await requireContained(run.directory, own);
    return own;
  }
  const interfaces = imports.flatMap(
    name => /^(wasi:[a-z-]+\/[a-z-]+@\d+\.\d+\.\d+)\./.exec(name)?.[1] ?? [],
  );
  return prepareWit({
    jco: await requireJco(run),
    place: await run.place(),
    folder: join(run.scratch, 'wit'),
    version,
    imports: [...new Set(interfaces)],
  });
}

function describeUse(imports: string[], exports: string[]): string {
  if (imports.some(name => /^(?:gojs|go)\./.test(name))) {
    return 'it imports gojs, so it was built for GOOS=js; kpt runs such modules';
  }
  if (imports.some(name => name.startsWith('env.proxy_'))) {
    return 'it is a plugin for Envoy (proxy-wasm); Istio runs such modules';
  }
  if (exports.includes('_start')) {
    return 'it is a command (it exports _start), which runs once and answers no requests';
  }
  return 'it does not export wasi:http/incoming-handler';
}
