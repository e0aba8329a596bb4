import { existsSync } from 'node:fs';
import {
  cp,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { FuncConfig } from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasiConfig } from '../config';
import { inspectModule } from '../inspect';
import { createToolchains } from '../toolchains';
import { createModuleBuilder } from './createModuleBuilder';
import type { BuildOptions } from './types';

const ROOT = resolve(__dirname, '../../../..');
const SKELETONS = join(ROOT, 'templates/wasi-function/skeletons');
const TOOLCHAINS =
  process.env.WASI_TOOLCHAINS_DIRECTORY ?? join(ROOT, '.toolchains');
const describeWithJco = existsSync(join(TOOLCHAINS, 'jco/node_modules'))
  ? describe
  : describe.skip;

let workspace: string;
let log: string[];

beforeEach(async () => {
  workspace = await realpath(await mkdtemp(join(tmpdir(), 'build-test-')));
  log = [];
});

afterEach(async () => {
  await rm(workspace, { recursive: true, force: true });
});

function wasiConfig(overrides: Partial<WasiConfig> = {}): WasiConfig {
  return {
    registries: [],
    toolchains: { directory: TOOLCHAINS, paths: {} },
    build: {
      timeoutMs: 120_000,
      maxOutputBytes: 1024 * 1024,
      maxModuleBytes: 50 * 1024 * 1024,
    },
    prebuilt: { allowedHosts: [] },
    invoke: { timeoutMs: 1000 },
    ...overrides,
  };
}

function build(
  runtime: string,
  options: Partial<BuildOptions> & {
    source?: string;
    config?: Partial<WasiConfig>;
    searchPath?: string;
  } = {},
) {
  const { source, config: overrides, searchPath, ...rest } = options;
  const config = wasiConfig(overrides);
  const funcConfig: FuncConfig = {
    name: 'hello',
    runtime,
    build: { builder: 'wasm', ...(source && { source }) },
    run: { args: [], envs: [], volumes: [] },
    deploy: { deployer: 'wasm', labels: [], annotations: {}, options: {} },
  };
  return createModuleBuilder({
    config,
    toolchains: createToolchains(config, { searchPath }),
  }).build({
    directory: workspace,
    funcConfig,
    log: line => log.push(line),
    ...rest,
  });
}

describeWithJco('createModuleBuilder with jco', () => {
  it('builds the JavaScript skeleton into a component that answers HTTP', async () => {
    await cp(join(SKELETONS, 'js-wasi'), workspace, { recursive: true });

    const built = await build('js-wasi');

    expect(built).toEqual({
      path: join(workspace, 'module.wasm'),
      size: expect.any(Number),
      durationMs: expect.any(Number),
      tools: { jco: '1.34.0' },
    });
    expect(await inspectModule(built.path)).toMatchObject({
      kind: 'component',
      entry: 'http',
      wasi: '0.2',
      size: built.size,
      exports: ['wasi:http/incoming-handler@0.2.3'],
    });
    expect(log[0]).toBe('Compile JavaScript to a component: handler.js');
    expect(log.join('\n')).not.toContain(tmpdir());
  }, 120_000);

  it('builds the WebAssembly text skeleton into a component that answers HTTP', async () => {
    await cp(join(SKELETONS, 'wat-wasi'), workspace, { recursive: true });

    const built = await build('wat-wasi');

    expect(await inspectModule(built.path)).toMatchObject({
      kind: 'component',
      entry: 'http',
      wasiVersion: '0.2.3',
      capabilities: [],
      exports: ['wasi:http/incoming-handler@0.2.3'],
    });
    expect(built.size).toBeLessThan(10_000);
  }, 60_000);
});
