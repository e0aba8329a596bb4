import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isChildPath } from '@backstage/backend-plugin-api';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasiConfig } from '../../../config';
import { refusedReaches } from '../../fetchFile';
import { superviseCommand } from '../../../process/runCommand';
import { assetPath } from '../../assetPath';
import { buildLimits } from '../buildLimits';
import type { BuildPlace, BuildPlaceOptions, PlaceCommand } from '../types';
import { createCgroup, locateCgroups, type BuildCgroup } from './cgroup';
import type { Bubblewrap } from './findBubblewrap';
import { openProxy, type BuildProxy } from './openProxy';
import { releaseInto } from './releaseInto';
import { PROXY_SOCKET, sandboxArguments } from './sandboxArguments';
import { toolFolders } from './toolFolders';

/** Threads count as processes do; a compiler has a handful for each processor. */
const TASKS_PER_PROCESS = 16;

/**
 * A sandbox of bubblewrap for the tools of one build: of this machine they see
 * the system, their own installation and the build's folder.
 *
 * @internal
 */
export async function openSandbox(
  bubblewrap: Bubblewrap & { works: true },
  config: Pick<WasiConfig, 'build' | 'toolchains'>,
  build: Pick<BuildPlaceOptions, 'scratch' | 'directory' | 'log'> & {
    network: boolean;
    /** Finds the folder that is `.cache` of the home, which may be read only. */
    cacheFor?: (command: PlaceCommand) => Promise<string | undefined>;
  },
): Promise<BuildPlace> {
  const limits = buildLimits(config);
  const { env: given = {}, allowedHosts = [] } = config.build;
  const temporary = join(build.scratch, 'tmp');
  await mkdir(temporary, { recursive: true });
  let proxy: BuildProxy | undefined;
  if (build.network) {
    proxy = await openProxy({
      allowedHosts,
      refuse: refusedReaches,
      upstream: given.HTTPS_PROXY ?? given.https_proxy,
      log: build.log,
    });
  }
  const cgroup = await firstCgroup();

  async function firstCgroup(): Promise<BuildCgroup | undefined> {
    for (const parents of await locateCgroups(config.build.cgroup)) {
      const made = await createCgroup(parents, limits);
      if (made) {
        return made;
      }
    }
    return undefined;
  }

  async function run(asked: PlaceCommand) {
    const cache = await build.cacheFor?.(asked);
    const { tool, args, env, ...command } = asked;
    const all = withoutProxies({ ...env, ...given });
    const program = [tool.command, ...tool.args, ...args];
    const readable = [
      ...toolFolders(tool, all),
      // The folders of its environment may lie in there, but not the other way round.
      config.toolchains.directory,
      assetPath(''),
      ...(isChildPath(build.scratch, build.directory) ? [] : [build.directory]),
    ].filter(path => !isChildPath(build.scratch, path));
    const result = await superviseCommand(
      {
        ...command,
        command: bubblewrap.command,
        args: [
          ...sandboxArguments({
            scratch: build.scratch,
            temporary,
            readable,
            cwd: command.cwd,
            etc: assetPath('sandbox'),
            cache,
            proxy: proxy?.socket,
            disableUserNamespaces: bubblewrap.disablesUserNamespaces,
            held: cgroup !== undefined,
          }),
          ...restrict(bubblewrap.prlimit),
          ...(proxy
            ? [process.execPath, assetPath('sandbox/relay.mjs'), PROXY_SOCKET]
            : []),
          ...program,
        ],
        env: all,
        name: tool.name,
        maxProcesses: limits.processes,
        maxMemoryBytes: limits.memoryBytes,
        disk: { folder: build.scratch, maxBytes: limits.diskBytes },
      },
      cgroup && (held => releaseInto(cgroup, held)),
    );
    if (result.exitCode !== 0 && (await cgroup?.ranOutOfMemory())) {
      throw new WasiError('BUILD_MEMORY_LIMIT', {
        message: `${tool.name} was stopped with more than ${limits.memoryBytes} bytes of memory.`,
      });
    }
    return result;
  }

  /** Held by the kernel in each process, without a control group, too. */
  function restrict(prlimit: string): string[] {
    return [
      prlimit,
      `--nproc=${limits.processes * TASKS_PER_PROCESS}`,
      ...(limits.diskBytes === Infinity ? [] : [`--fsize=${limits.diskBytes}`]),
      '--core=0',
      '--',
    ];
  }

  return {
    run,
    bring: async folder => folder,
    async close() {
      await proxy?.close();
      await cgroup?.remove();
    },
  };
}

/** The sandbox has a proxy of its own, or none; that of the operator may carry a password. */
function withoutProxies(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^(?:https?|all|no)_proxy$/i.test(name),
    ),
  );
}
