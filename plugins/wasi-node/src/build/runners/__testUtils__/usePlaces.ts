import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Runtime } from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasiConfig } from '../../../config';
import type { CommandResult } from '../../../process';
import { createToolchains, type Tool } from '../../../toolchains';
import { findTool } from '../../../toolchains/findTool';
import { createBuildRunner } from '../createBuildRunner';

/** Bubblewrap is there and the kernel lets it work. */
export const sandboxWorks = (() => {
  try {
    execFileSync(
      'bwrap',
      ['--unshare-all', '--unshare-user', '--ro-bind', '/', '/', 'true'],
      { stdio: 'ignore' },
    );
    return true;
  } catch {
    return false;
  }
})();

export const describeWithSandbox = sandboxWorks
  ? describe
  : (describe.skip as unknown as jest.Describe);

/** Not the wrappers of pyenv, which need its home. */
const searchPath = (process.env.PATH ?? '')
  .split(delimiter)
  .filter(folder => !folder.includes('pyenv'));

export const isOnPath = (name: string): boolean =>
  searchPath.some(folder => existsSync(join(folder, name)));

/** A tool of this machine. */
export function tool(name: string): Promise<Tool | undefined> {
  return findTool(name, {
    directory: '/nonexistent',
    paths: {},
    searchPath: searchPath.join(delimiter),
  });
}

const runtime: Runtime = {
  name: 'test-wasi',
  label: 'Test',
  language: 'Test',
  maturity: 'stable',
  sources: [],
  strategy: 'commands',
  prerequisites: [],
  steps: [],
  output: 'module.wasm',
};

/** For the tests of the file that calls it: a folder for each, with a build's folder in it. */
export function usePlaces() {
  const places = {
    /** Of the test alone. */
    root: '',
    /** What a build may write. */
    scratch: '',
    /** What it builds. */
    source: '',
    log: [] as string[],

    async write(name: string, text: string) {
      const path = join(places.source, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    },

    /** Runs a tool as a build does, in a place of its own. */
    async run(options: {
      runner: 'host' | 'sandbox';
      tool: Tool;
      args: string[];
      env?: Record<string, string>;
      network?: boolean;
      limits?: Partial<WasiConfig['build']>;
      signal?: AbortSignal;
      timeoutMs?: number;
    }): Promise<CommandResult> {
      const timeoutMs = options.timeoutMs ?? 60_000;
      const config: WasiConfig = {
        registries: [],
        prebuilt: { allowedHosts: [] },
        invoke: { timeoutMs: 1_000 },
        toolchains: { directory: join(places.root, 'toolchains'), paths: {} },
        build: {
          runner: options.runner,
          timeoutMs,
          maxOutputBytes: 1024 * 1024,
          maxModuleBytes: 1024 * 1024,
          ...options.limits,
        },
      };
      const toolchains = createToolchains(config);
      const place = await createBuildRunner({ config }).open({
        scratch: places.scratch,
        directory: places.source,
        runtime: { ...runtime, network: options.network },
        timeLeft: () => timeoutMs,
        log: line => places.log.push(line),
      });
      try {
        return await place.run({
          tool: options.tool,
          args: options.args,
          cwd: places.source,
          env: {
            ...toolchains.environment({
              home: places.scratch,
              tools: [options.tool],
            }),
            ...options.env,
          },
          timeoutMs,
          maxOutputBytes: config.build.maxOutputBytes,
          signal: options.signal,
          onLine: line => places.log.push(line),
        });
      } finally {
        await place.close();
      }
    },
  };

  beforeEach(async () => {
    places.root = await realpath(await mkdtemp(join(tmpdir(), 'places-')));
    places.scratch = join(places.root, 'build');
    places.source = join(places.scratch, 'source');
    await mkdir(places.source, { recursive: true });
    places.log = [];
  });

  afterEach(async () => {
    await rm(places.root, { recursive: true, force: true });
  });

  return places;
}
