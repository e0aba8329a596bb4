import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import {
  catalogue,
  findRuntime,
  isWasiError,
  runtimes,
  type Finding,
  type Runtime,
  type RuntimePrerequisite,
  type RuntimeView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import type { WasiConfig } from '../config';
import { runCommand } from '../process';
import { findTool } from './findTool';
import type { JcoToolchain, Tool, Toolchains } from './types';
import { isOlder } from './version';

/** Somebody who installs what was missing should not have to restart the backend. */
const CACHE_MS = 30_000;
const CHECK_TIMEOUT_MS = 20_000;
/** Exit codes above are those of programs that a signal ended. */
const SIGNALLED = 128;
const SYSTEM_PATH = ['/usr/local/bin', '/usr/bin', '/bin'];

/**
 * Looks for toolchains as `wasi.toolchains` says; what was found is kept for half a minute.
 *
 * @param options - `searchPath`: where tools are looked for last. Default: our PATH.
 * `now`: the clock in milliseconds.
 * @public
 */
export function createToolchains(
  config: Pick<WasiConfig, 'toolchains'>,
  options: { searchPath?: string; now?: () => number } = {},
): Toolchains {
  const now = options.now ?? Date.now;
  const cache = new Map<string, { value: Promise<unknown>; until: number }>();

  function cached<Value>(
    key: string,
    load: () => Promise<Value>,
  ): Promise<Value> {
    const known = cache.get(key);
    if (known && known.until > now()) {
      return known.value as Promise<Value>;
    }
    const value = load();
    cache.set(key, { value, until: now() + CACHE_MS });
    // A failed look is not remembered; the caller gets the error.
    value.catch(() => cache.delete(key));
    return value;
  }

  const find = (tool: string) =>
    cached(`tool ${tool}`, () =>
      findTool(tool, {
        ...config.toolchains,
        searchPath: options.searchPath ?? process.env.PATH ?? '',
        wasiSdk: process.env.WASI_SDK_PATH,
      }),
    );

  const checkOne = (prerequisite: RuntimePrerequisite) =>
    cached(`check ${JSON.stringify(prerequisite)}`, async () =>
      checkPrerequisite(
        prerequisite,
        await find(prerequisite.command[0]),
        environment,
      ),
    );

  async function check(
    asked: string | Pick<Runtime, 'prerequisites'>,
  ): Promise<Finding[]> {
    const runtime = typeof asked === 'string' ? findRuntime(asked) : asked;
    if (!runtime) {
      return [problem('RUNTIME_UNKNOWN', `There is no runtime ${asked}.`)];
    }
    const findings = await Promise.all(runtime.prerequisites.map(checkOne));
    return findings.flatMap(finding => finding ?? []);
  }

  return {
    check,
    find,
    environment,
    async checkAll() {
      const views: RuntimeView[] = [];
      for (const runtime of runtimes) {
        views.push(toView(runtime, await check(runtime.name)));
      }
      return views;
    },
    jco: () =>
      cached('jco', async () => {
        const tool = await find('jco');
        return tool && readJco(tool);
      }),
  };
}

function environment(options: {
  home: string;
  tools?: Tool[];
}): Record<string, string> {
  const folders = (options.tools ?? []).map(tool => dirname(tool.path));
  return {
    PATH: [
      ...new Set([...folders, dirname(process.execPath), ...SYSTEM_PATH]),
    ].join(delimiter),
    HOME: options.home,
    TMPDIR: options.home,
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
  };
}

async function checkPrerequisite(
  prerequisite: RuntimePrerequisite,
  tool: Tool | undefined,
  environmentOf: Toolchains['environment'],
): Promise<Finding | undefined> {
  const { tool: name, install, minimum } = prerequisite;
  if (!tool) {
    return problem('TOOLCHAIN_MISSING', `${name} is missing.`, install);
  }
  const home = await mkdtemp(join(tmpdir(), 'wasi-check-'));
  try {
    const ask = () =>
      runCommand({
        command: tool.command,
        args: [...tool.args, ...prerequisite.command.slice(1)],
        cwd: home,
        env: environmentOf({ home, tools: [tool] }),
        timeoutMs: CHECK_TIMEOUT_MS,
        maxOutputBytes: 100_000,
      });
    let answer = await ask();
    if (answer.exitCode > SIGNALLED) {
      // Killed from outside, for example for want of memory: that says nothing of the tool.
      answer = await ask();
    }
    const { exitCode, tail } = answer;
    if (exitCode !== 0) {
      return problem(
        'TOOLCHAIN_MISSING',
        `${name} is not usable: \`${prerequisite.command.join(
          ' ',
        )}\` ended with ${exitCode}${
          tail.length > 0 ? ` (${tail.at(-1)})` : ''
        }.`,
        install,
      );
    }
    if (!prerequisite.versionPattern || !minimum) {
      return undefined;
    }
    const version = new RegExp(prerequisite.versionPattern).exec(
      tail.join('\n'),
    )?.[1];
    if (!version || isOlder(version, minimum)) {
      return problem(
        'TOOLCHAIN_VERSION',
        `${name} ${minimum} or newer is needed; found ${
          version ?? 'no version'
        }.`,
        install,
      );
    }
    return undefined;
  } catch (error) {
    if (!isWasiError(error)) {
      throw error;
    }
    return problem('TOOLCHAIN_MISSING', `${name}: ${error.message}`, install);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function toView(runtime: Runtime, problems: Finding[]): RuntimeView {
  const { name, label, language, maturity } = runtime;
  return {
    name,
    label,
    language,
    maturity,
    available: problems.length === 0,
    problems,
  };
}

const packageSchema = z.object({
  name: z.literal('@bytecodealliance/jco'),
  version: z.string(),
});

/** From its own package.json: a quarter of a second quicker than asking it. */
async function readJco(tool: Tool): Promise<JcoToolchain | undefined> {
  const directory = dirname(dirname(tool.path));
  try {
    const { version } = packageSchema.parse(
      JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')),
    );
    return { directory, version };
  } catch {
    // Some other program that is called jco, or a wrapper: its libraries are not to be had.
    return undefined;
  }
}

function problem(
  code: Finding['code'],
  message: string,
  remedy: string = catalogue[code].remedy,
): Finding {
  return { code, severity: 'error', message, remedy };
}
