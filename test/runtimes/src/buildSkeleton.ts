import { cp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigReader } from '@backstage/config';
import {
  createModuleBuilder,
  createToolchains,
  readWasiConfig,
  type BuiltModule,
} from '@wasi-functions/backstage-plugin-wasi-node';

/** What templates begin with, a folder for each runtime or language. */
export const SKELETONS = resolve(
  __dirname,
  '../../../templates/wasi-function/skeletons',
);

/** The runtime that a skeleton is for, e.g. `js-wasi` for `js-wasi-typescript`. */
export function runtimeOf(skeleton: string): string {
  return /^[a-z]+-wasi/.exec(skeleton)?.[0] ?? skeleton;
}

/** Builds a copy of a skeleton in `folder`, as the portal does. */
export async function buildSkeleton(options: {
  skeleton: string;
  folder: string;
  /** `wasi` of app-config. */
  wasi: object;
  log: (line: string) => void;
}): Promise<BuiltModule> {
  const directory = join(options.folder, 'function');
  await cp(join(SKELETONS, options.skeleton), directory, { recursive: true });
  const config = readWasiConfig(
    new ConfigReader({ wasi: JSON.parse(JSON.stringify(options.wasi)) }),
  );
  return await createModuleBuilder({
    config,
    toolchains: createToolchains(config),
  }).build({
    directory,
    funcConfig: {
      name: 'hello',
      runtime: runtimeOf(options.skeleton),
      build: { builder: 'wasm' },
      run: { args: [], envs: [], volumes: [] },
      deploy: { deployer: 'wasm', labels: [], annotations: {}, options: {} },
    },
    log: options.log,
  });
}
