import type { FuncConfig } from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasiConfig } from '../../config';
import * as encode from '../../inspect/__testUtils__/encode';
import type { ModuleRegistry } from '../../registry';
import { createToolchains } from '../../toolchains';
import { createModuleBuilder } from '../createModuleBuilder';
import type { FetchFile } from '../fetchFile';
import type { BuiltModule } from '../types';

/** The smallest component that can be served. */
export const HTTP_COMPONENT = Buffer.from(
  encode.component(
    encode.instanceImports('wasi:http/types@0.2.3'),
    encode.instanceExports('wasi:http/incoming-handler@0.2.3'),
  ),
);

/** Builds a folder with a builder of its own, as the scaffolder's action does. */
export function buildFunction(options: {
  directory: string;
  runtime: string;
  toolchainsDirectory: string;
  /** Where tools are looked for beside that folder; nowhere by default. */
  searchPath?: string;
  log: (line: string) => void;
  build?: Partial<FuncConfig['build']>;
  allowedHosts?: string[];
  limits?: Partial<WasiConfig['build']>;
  fetch?: FetchFile;
  registry?: Pick<ModuleRegistry, 'canPullAnonymously' | 'pull'>;
  signal?: AbortSignal;
}): Promise<BuiltModule> {
  const config: WasiConfig = {
    registries: [],
    toolchains: { directory: options.toolchainsDirectory, paths: {} },
    build: {
      runner: 'host',
      timeoutMs: 120_000,
      maxOutputBytes: 1024 * 1024,
      maxModuleBytes: 50 * 1024 * 1024,
      ...options.limits,
    },
    prebuilt: { allowedHosts: options.allowedHosts ?? [] },
    invoke: { timeoutMs: 1000 },
  };
  return createModuleBuilder({
    config,
    toolchains: createToolchains(config, {
      searchPath: options.searchPath ?? '',
    }),
    fetch: options.fetch,
    registry: options.registry,
  }).build({
    directory: options.directory,
    funcConfig: {
      name: 'hello',
      runtime: options.runtime,
      build: { builder: 'wasm', ...options.build },
      run: { args: [], envs: [], volumes: [] },
      deploy: { deployer: 'wasm', labels: [], annotations: {}, options: {} },
    },
    signal: options.signal,
    log: options.log,
  });
}
