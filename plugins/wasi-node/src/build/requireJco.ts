import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { JcoToolchain } from '../toolchains';
import type { BuildRun } from './types';

/**
 * jco with its libraries, which some steps call themselves.
 *
 * @internal
 */
export async function requireJco({
  toolchains,
}: Pick<BuildRun, 'toolchains'>): Promise<JcoToolchain> {
  const jco = await toolchains.jco();
  if (!jco) {
    throw new WasiError('TOOLCHAIN_MISSING', {
      message: 'jco is missing.',
      remedy:
        'Install jco with `npm install -g @bytecodealliance/jco@1.34.0` (Node 20 or newer, about 340 MB).',
    });
  }
  return jco;
}
