import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../../..');

/** Where this machine has its toolchains. */
export const TOOLCHAINS =
  process.env.WASI_TOOLCHAINS_DIRECTORY ?? join(ROOT, '.toolchains');

/** What templates begin with, a folder for each runtime. */
export const SKELETONS = join(ROOT, 'templates/wasi-function/skeletons');

/** The packages of jco, where it is installed. */
export const JCO_PACKAGES = join(
  TOOLCHAINS,
  'jco/node_modules/@bytecodealliance',
);

const installed = existsSync(JCO_PACKAGES);

export const describeWithJco = installed ? describe : describe.skip;

export const itWithJco = installed ? it : it.skip;
