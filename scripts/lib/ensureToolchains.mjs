import { join, resolve } from 'node:path';
import { root } from './root.mjs';

/** Where toolchains lie: `WASI_TOOLCHAINS_DIRECTORY`, else `.toolchains` of the repository. */
export function toolchainsDirectory() {
  return resolve(
    process.env.WASI_TOOLCHAINS_DIRECTORY ?? join(root, '.toolchains'),
  );
}

/** Installs the toolchains that functions are built with, unless they are there. */
export async function ensureToolchains({ log = console.log } = {}) {
  const { installToolchains } = await import('../install-toolchains.mjs');
  await installToolchains({ directory: toolchainsDirectory(), log });
}
