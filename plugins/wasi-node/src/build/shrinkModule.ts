import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { readBinary } from '../inspect/readBinary';
import { rewriteModule } from './rewriteModule';
import { runTool } from './runTool';
import type { BuildRun } from './types';

/** A smaller module than this is not worth starting the tool. */
const MIN_BYTES = 4 * 1024;
/** What a gain must come to, as a share of the core module. */
const MIN_GAIN = 0.03;

/**
 * What the runner's engine has switched on and compilers use today: with all
 * features allowed, the optimiser might use one that the engine lacks.
 */
const FEATURES = [
  'bulk-memory',
  'bulk-memory-opt',
  'call-indirect-overlong',
  'extended-const',
  'multivalue',
  'mutable-globals',
  'nontrapping-float-to-int',
  'reference-types',
  'sign-ext',
  'simd',
  'tail-call',
].map(name => `--enable-${name}`);

/**
 * Has binaryen's wasm-opt make the core modules of a component smaller, each by
 * itself: what they import and export stays, so the component around them does.
 *
 * @throws `WasiError` TOOLCHAIN_MISSING without wasm-opt, which jco brings.
 * @internal
 */
export async function shrinkModule(
  run: BuildRun,
  component: Uint8Array,
): Promise<Uint8Array> {
  const tool = await run.toolchains.find('wasm-opt');
  if (!tool) {
    throw new WasiError('TOOLCHAIN_MISSING', {
      message: '`build.optimize: size` needs wasm-opt, which is missing.',
      remedy:
        'Install jco, which brings it, or binaryen; or set `build.optimize: strip` in func.yaml.',
    });
  }
  const found: Uint8Array[] = [];
  rewriteModule(component, {
    replaces: coreModule => {
      found.push(coreModule);
      return undefined;
    },
  });
  const smaller = new Map<Uint8Array, Uint8Array>();
  for (const [index, coreModule] of found.entries()) {
    if (coreModule.length < MIN_BYTES) {
      continue;
    }
    const input = join(run.scratch, `core-${index}.wasm`);
    const output = join(run.scratch, `core-${index}.small.wasm`);
    await writeFile(input, coreModule);
    await runTool(run, {
      tool,
      args: ['-Oz', ...FEATURES, input, '-o', output],
      label: 'wasm-opt',
    });
    const written = new Uint8Array(await readFile(output));
    if (isGain(coreModule, written)) {
      smaller.set(coreModule, written);
    }
  }
  const replacements = found.map(coreModule => smaller.get(coreModule));
  let next = 0;
  return rewriteModule(component, { replaces: () => replacements[next++] });
}

function isGain(before: Uint8Array, after: Uint8Array): boolean {
  return (
    after.length <= before.length * (1 - MIN_GAIN) &&
    WebAssembly.validate(after) &&
    fitsWhere(before, after)
  );
}

/** Offers the same, and asks for nothing more. */
function fitsWhere(before: Uint8Array, after: Uint8Array): boolean {
  const [old, fresh] = [readBinary(before), readBinary(after)];
  const names = (items: { name: string }[]) => items.map(({ name }) => name);
  const known = new Set(names(old.imports));
  return (
    names(old.exports).sort().join('\n') ===
      names(fresh.exports).sort().join('\n') &&
    names(fresh.imports).every(name => known.has(name))
  );
}
