import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { JcoToolchain } from '../toolchains';
import type { BuildPlace } from './runners';

/** What the runner's host implements. */
const RUNNER_WASI_VERSION = '0.2.3';

/**
 * Writes a WIT folder whose world `function` has the given imports and exports,
 * with the definitions of WASI that jco brings.
 *
 * @param options - `version`: of all WASI packages. Patch releases of WASI 0.2
 * differ in features that are off, so jco's definitions serve for each of them.
 * @returns The folder.
 * @internal
 */
export async function prepareWit(options: {
  jco: JcoToolchain;
  /** Where jco is. */
  place: Pick<BuildPlace, 'bring'>;
  folder: string;
  version?: string;
  imports?: string[];
}): Promise<string> {
  const { jco, place, folder } = options;
  const { version = RUNNER_WASI_VERSION, imports = [] } = options;
  const source = await findDefinitions(jco, place);
  await mkdir(join(folder, 'deps'), { recursive: true });
  for (const name of await readdir(source)) {
    const text = await readFile(join(source, name, 'package.wit'), 'utf8');
    await mkdir(join(folder, 'deps', name));
    await writeFile(
      join(folder, 'deps', name, 'package.wit'),
      text.replace(/(?<=\bwasi:[a-z/-]+@)0\.2\.\d+/g, version),
    );
  }
  await writeFile(
    join(folder, 'world.wit'),
    [
      'package local:function;',
      'world function {',
      ...imports.map(name => `  import ${name};`),
      `  export wasi:http/incoming-handler@${version};`,
      '}',
      '',
    ].join('\n'),
  );
  return folder;
}

async function findDefinitions(
  jco: JcoToolchain,
  place: Pick<BuildPlace, 'bring'>,
): Promise<string> {
  const root = await place.bring(join(jco.directory, 'lib', 'wit', 'builtin'));
  const versions = (await readdir(root))
    .filter(name => /^0\.2\.\d+$/.test(name))
    .sort((a, b) => Number(b.slice(4)) - Number(a.slice(4)));
  for (const version of versions) {
    const folder = join(root, version);
    try {
      // Not every version comes whole.
      await access(join(folder, 'wasi-http', 'package.wit'));
      return folder;
    } catch {
      // Then an older one may.
    }
  }
  throw new WasiError('TOOLCHAIN_VERSION', {
    message: `jco ${jco.version} brings no WIT definitions of WASI 0.2.`,
    remedy: 'Install jco 1.34.0.',
  });
}
