import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isWasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { runCommand } from '../../../process';
import { findTool } from '../../../toolchains/findTool';

const PROBE_TIMEOUT_MS = 20_000;

/**
 * Bubblewrap as it was found, or why it does not work here.
 *
 * @internal
 */
export type Bubblewrap =
  | {
      works: true;
      command: string;
      /** Absolute path of `prlimit` of util-linux, which is in every sandbox. */
      prlimit: string;
      /** It can keep a build from making user namespaces of its own. */
      disablesUserNamespaces: boolean;
    }
  | { works: false; reason: string; remedy: string };

/**
 * Looks for bubblewrap and makes a sandbox to see whether the kernel lets us.
 *
 * @internal
 */
export async function findBubblewrap(options: {
  paths: Record<string, string>;
  searchPath: string;
}): Promise<Bubblewrap> {
  if (process.platform !== 'linux') {
    return {
      works: false,
      reason: 'bubblewrap needs Linux',
      remedy: 'Set `wasi.build.runner` to `host` or `kubernetes`.',
    };
  }
  const find = (name: string) =>
    findTool(name, { ...options, directory: '/nonexistent' });
  const [bwrap, prlimit] = await Promise.all([find('bwrap'), find('prlimit')]);
  if (!bwrap || !prlimit) {
    const missing = bwrap ? 'prlimit of util-linux' : 'bubblewrap (bwrap)';
    return {
      works: false,
      reason: `${missing} is missing`,
      remedy: `Install ${
        bwrap ? 'util-linux' : 'bubblewrap'
      } (on Debian: apt-get install ${
        bwrap ? 'util-linux' : 'bubblewrap'
      }), or set \`wasi.build.runner\` to \`host\` or \`kubernetes\`.`,
    };
  }
  const home = await mkdtemp(join(tmpdir(), 'wasi-probe-'));
  const ask = (args: string[]) =>
    runCommand({
      command: bwrap.command,
      args,
      cwd: home,
      env: {},
      timeoutMs: PROBE_TIMEOUT_MS,
      maxOutputBytes: 100_000,
    });
  try {
    const { tail } = await ask(['--help']);
    const disablesUserNamespaces = tail.some(line =>
      line.includes('--disable-userns'),
    );
    const probe = await ask([
      '--unshare-all',
      '--unshare-user',
      '--uid',
      '1000',
      '--gid',
      '1000',
      ...(disablesUserNamespaces ? ['--disable-userns'] : []),
      '--ro-bind',
      '/',
      '/',
      '--proc',
      '/proc',
      '--dev',
      '/dev',
      '--',
      prlimit.command,
      '--version',
    ]);
    return probe.exitCode === 0
      ? {
          works: true,
          command: bwrap.command,
          prlimit: prlimit.command,
          disablesUserNamespaces,
        }
      : {
          works: false,
          reason: `bubblewrap cannot make a sandbox: ${
            probe.tail.at(-1) ?? `exit code ${probe.exitCode}`
          }`,
          remedy:
            'Let the backend make user namespaces (sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns; in a container, its seccomp profile), or set `wasi.build.runner` to `host` or `kubernetes`.',
        };
  } catch (error) {
    if (!isWasiError(error)) {
      throw error;
    }
    return {
      works: false,
      reason: error.message,
      remedy: 'Set `wasi.build.runner` to `host` or `kubernetes`.',
    };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
