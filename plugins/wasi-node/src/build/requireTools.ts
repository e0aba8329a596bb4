import {
  findRuntime,
  WasiError,
  type Runtime,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { Toolchains } from '../toolchains';

/**
 * The runtime of this name.
 *
 * @throws `WasiError` RUNTIME_UNKNOWN
 * @internal
 */
export function requireRuntime(name: string): Runtime {
  const runtime = findRuntime(name);
  if (!runtime) {
    throw new WasiError('RUNTIME_UNKNOWN', {
      message: `There is no runtime ${name}.`,
    });
  }
  return runtime;
}

/**
 * Refuses to begin where tools are missing or too old, naming all of them.
 *
 * @throws `WasiError` TOOLCHAIN_MISSING or TOOLCHAIN_VERSION.
 * @internal
 */
export async function requireTools(
  runtime: Runtime,
  toolchains: Toolchains,
): Promise<void> {
  const findings = await toolchains.check(runtime.name);
  if (findings.length > 0) {
    throw new WasiError(
      findings.some(({ code }) => code === 'TOOLCHAIN_MISSING')
        ? 'TOOLCHAIN_MISSING'
        : findings[0].code,
      {
        message: `${
          runtime.label
        } modules cannot be built on this machine: ${findings
          .map(({ message }) => message)
          .join(' ')}`,
        remedy: findings.map(({ remedy }) => remedy).join(' '),
        findings,
      },
    );
  }
}
