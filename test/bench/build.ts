import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import {
  findRuntime,
  parseFuncYaml,
  type Runtime,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createModuleBuilder,
  createToolchains,
  readWasiConfig,
  type Toolchains,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { median, sideBySide } from './measure';
import { root, run } from './programs';
import type { Result } from './report';
import { jcoCommand, toolchainsDirectory } from './toolchain';

const BAR = 1.05;

export const title = 'A build against the same commands by hand';

/** Runtimes whose tools are here; each build in a folder and a home of its own. */
export async function measure(): Promise<Result[]> {
  return measureBuilds([
    { name: 'js-wasi', rounds: 4 },
    { name: 'c-wasi', rounds: 6 },
  ]);
}

/** Our builder on this machine, against the lines that the skeleton's own workflow runs. */
export async function measureBuilds(
  wanted: { name: string; rounds: number }[],
): Promise<Result[]> {
  const config = readWasiConfig(
    new ConfigReader({
      wasi: {
        toolchains: { directory: toolchainsDirectory },
        build: { runner: 'host', maxCacheBytes: 0 },
      },
    }),
  );
  const toolchains = createToolchains(config);
  const builder = createModuleBuilder({ config, toolchains });
  const results: Result[] = [];
  for (const { name, rounds } of wanted) {
    const runtime = findRuntime(name);
    const missing = await toolchains.check(name);
    if (!runtime?.skeleton?.build || missing.length > 0) {
      results.push({
        what: `${name}: build`,
        measured: 'not measured here',
        bar: missing.map(({ message }) => message).join(' '),
      });
      continue;
    }
    results.push(
      await compare({ runtime, rounds, lines: runtime.skeleton.build }),
    );
  }
  return results;

  async function compare(options: {
    runtime: Runtime;
    rounds: number;
    lines: string[];
  }): Promise<Result> {
    const { runtime, rounds, lines } = options;
    const directory = await mkdtemp(join(tmpdir(), 'wasi-bench-'));
    const { config: funcConfig } = parseFuncYaml(
      `name: bench\nruntime: ${runtime.name}\n`,
    );
    const copy = async (folder: string) => {
      await cp(
        join(root, 'templates/wasi-function/skeletons', runtime.name),
        join(directory, folder),
        { recursive: true },
      );
      return join(directory, folder);
    };
    const env = await environment(runtime, toolchains);
    const ours = async (round: number | string) => {
      await builder.build({
        directory: await copy(`ours-${round}`),
        funcConfig: funcConfig!,
        log: () => {},
      });
    };
    const byHand = async (round: number | string) => {
      const home = join(directory, `home-${round}`);
      await mkdir(home);
      await run('sh', ['-ec', lines.map(withOurJco).join('\n')], {
        cwd: await copy(`theirs-${round}`),
        env: { ...env, HOME: home, TMPDIR: home },
      });
    };
    try {
      await ours('warm');
      await byHand('warm');
      const samples = await sideBySide(rounds, ours, byHand);
      const [our, their] = [median(samples.ours), median(samples.theirs)];
      return {
        what: `${runtime.name}: build`,
        measured: `${our.toFixed(0)} ms, ratio ${(our / their).toFixed(2)}`,
        bar: `by hand ${their.toFixed(0)} ms; ≤ ${BAR}`,
        met: our / their <= BAR,
      };
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
}

/** With jco of the toolchains folder, where the line would have npm look for it. */
function withOurJco(line: string): string {
  const { command, args } = jcoCommand();
  return line.replace(
    /\bnpx (?:--?y(?:es)? )?@bytecodealliance\/jco@\S+/g,
    [command, ...args].join(' '),
  );
}

async function environment(
  runtime: Runtime,
  toolchains: Toolchains,
): Promise<NodeJS.ProcessEnv> {
  const folders = [];
  // Makefiles of C link by it, as wasi-sdk does.
  const programs = [
    ...runtime.prerequisites.map(({ command }) => command[0]),
    'wasm-component-ld',
  ];
  for (const program of programs) {
    const tool = await toolchains.find(program);
    folders.push(...(tool ? [dirname(tool.path)] : []));
  }
  const clang = await toolchains.find('clang');
  const { PATH, ...env } = toolchains.environment({ home: '' });
  return {
    ...env,
    PATH: [...folders, PATH].join(delimiter),
    ...(clang && { WASI_SDK_PATH: dirname(dirname(clang.path)) }),
  };
}
