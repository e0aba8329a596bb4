import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { ModuleCommand, ModuleEngine } from '../../run';
import type { KrmResource } from '../resourceList';
import type { KrmFunction } from '../types';

/** A resource list as a function sees it. */
export interface SeenList {
  apiVersion: string;
  kind: string;
  items: KrmResource[];
  functionConfig?: { data: Record<string, string> };
  results?: unknown[];
}

/** What a function does with a list; text is answered as it is. */
type Work = (list: SeenList) => SeenList | string;

/**
 * Functions in JavaScript behind the engine of modules. Each has a file, a core
 * module with nothing in it, because a pipeline looks into files.
 */
export async function fakeFunctions() {
  const directory = await mkdtemp(join(tmpdir(), 'krm-'));
  const works = new Map<string, { work: Work; exitCode: number }>();
  const commands: ModuleCommand[] = [];
  const engine: Pick<ModuleEngine, 'runCommand'> = {
    async runCommand(command) {
      commands.push(command);
      const { work, exitCode } = works.get(command.modulePath)!;
      const answer = work(parse(String(command.stdin)));
      return {
        exitCode,
        stdout: typeof answer === 'string' ? answer : stringify(answer),
        stderr: '',
      };
    },
  };
  return {
    directory,
    engine,
    commands,
    async add(
      name: string,
      work: Work,
      options: { exitCode?: number; configMap?: Record<string, string> } = {},
    ): Promise<KrmFunction> {
      const modulePath = join(directory, `${name}.wasm`);
      await writeFile(modulePath, Buffer.from('0061736d01000000', 'hex'));
      works.set(modulePath, { work, exitCode: options.exitCode ?? 0 });
      return { name, modulePath, configMap: options.configMap };
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
