import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  isWasiError,
  type RuntimePrerequisite,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { runCommand } from '../process';
import type { Tool, Toolchains } from '../toolchains';
import type { BuildRun } from './types';

const TIMEOUT_MS = 30_000;
/** Behind a launcher such as rustup's, the tool may change while its file does not. */
const REMEMBERED_MS = 10 * 60 * 1000;
const remembered = new Map<
  string,
  { output: Promise<string>; until: number }
>();

/**
 * What the tools of a runtime say of themselves.
 *
 * @internal
 */
export interface ToolIdentity {
  /** Versions by tool, for people. */
  versions: Record<string, string>;
  /** All they printed: another text may mean another module. */
  printed: [tool: string, text: string][];
}

/**
 * Asks every tool of the build's runtime for its version; one that is not on
 * this machine is left out, because it cannot have built anything here. Where
 * the tools are those of a builder image, the image is what they are.
 *
 * @internal
 */
export async function toolIdentity({
  runtime,
  toolchains,
}: Pick<BuildRun, 'runtime' | 'toolchains'>): Promise<ToolIdentity> {
  if (toolchains.image) {
    // Its name is all that is known without starting it; by a digest, it says everything.
    const image = toolchains.image(runtime.name);
    return image
      ? { versions: { image }, printed: [['image', image]] }
      : { versions: {}, printed: [] };
  }
  const answers = await Promise.all(
    runtime.prerequisites.map(async prerequisite => ({
      ...prerequisite,
      text: await ask(prerequisite, toolchains),
    })),
  );
  const versions: Record<string, string> = {};
  const printed: ToolIdentity['printed'] = [];
  for (const { tool, versionPattern, text } of answers) {
    if (text !== undefined) {
      printed.push([tool, text]);
      const version =
        versionPattern && new RegExp(versionPattern).exec(text)?.[1];
      if (version) {
        versions[tool] = version;
      }
    }
  }
  return { versions, printed };
}

async function ask(
  { command }: RuntimePrerequisite,
  toolchains: Toolchains,
): Promise<string | undefined> {
  if (command[0] === 'jco') {
    // From its own package.json: a quarter of a second quicker than asking it.
    return (await toolchains.jco())?.version;
  }
  const tool = await toolchains.find(command[0]);
  if (!tool) {
    return undefined;
  }
  const { mtimeMs, size, ino } = await stat(tool.path);
  const key = JSON.stringify([tool.path, mtimeMs, size, ino, command]);
  const known = remembered.get(key);
  if (known && known.until > Date.now()) {
    return known.output;
  }
  const output = run(tool, command.slice(1), toolchains);
  remembered.set(key, { output, until: Date.now() + REMEMBERED_MS });
  output.catch(() => remembered.delete(key));
  return output;
}

async function run(
  tool: Tool,
  args: string[],
  toolchains: Toolchains,
): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'wasi-ask-'));
  try {
    const { exitCode, tail } = await runCommand({
      command: tool.command,
      args: [...tool.args, ...args],
      cwd: home,
      env: toolchains.environment({ home, tools: [tool] }),
      timeoutMs: TIMEOUT_MS,
      maxOutputBytes: 100_000,
    });
    return [...tail, `ended with ${exitCode}`].join('\n').replaceAll(home, '~');
  } catch (error) {
    if (!isWasiError(error)) {
      throw error;
    }
    // The check of the tools tells it better; here it is an answer like another.
    return error.message;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
