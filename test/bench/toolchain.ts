import { join } from 'node:path';
import { root } from './programs';

/** The folder that `npm start` keeps toolchains in. */
export const toolchainsDirectory =
  process.env.WASI_TOOLCHAINS_DIRECTORY ?? join(root, '.toolchains');

/** jco as its users start it. */
export function jcoCommand(): { command: string; args: string[] } {
  return {
    command: process.execPath,
    args: [
      join(
        toolchainsDirectory,
        'jco/node_modules/@bytecodealliance/jco/dist/jco.js',
      ),
    ],
  };
}
