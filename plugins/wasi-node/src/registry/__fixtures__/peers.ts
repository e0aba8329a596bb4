import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where `scripts/install-peers.mjs` puts the programs that tests hold ours against. */
const DIRECTORY =
  process.env.WASI_PEERS_DIRECTORY ??
  join(homedir(), '.cache', 'wasi-functions', 'peers');

const INSTALLED = [
  'oras',
  'crane',
  'wkg',
  'ko',
  'kpt-calls',
  'istio-pull',
  'runner-pull',
] as const;

/** The tag that modules are pushed to and pulled from. */
export const PEER_TAG = '1.0';

/** Where a test is: a folder, and a registry of its own. */
export interface PeerPlace {
  directory: string;
  host: string;
}

/** A program of others that pushes or pulls, or signs. */
export type Peer = (typeof INSTALLED)[number] | 'skopeo' | 'cosign';

/** All that push or pull. */
export const PEERS: readonly Peer[] = [...INSTALLED, 'skopeo'];

/** Path of a program; undefined where it is not installed. */
export function findPeer(name: Peer): string | undefined {
  const path = join(DIRECTORY, 'bin', name);
  if (existsSync(path)) {
    return path;
  }
  return spawnSync(name, ['--version']).error ? undefined : name;
}

/** As it was installed, or as it says itself. */
export function peerVersion(name: Peer): string {
  const stamp = join(DIRECTORY, `${name}.version`);
  return existsSync(stamp)
    ? readFileSync(stamp, 'utf8')
    : spawnSync(name, ['--version'])
        .stdout?.toString()
        .replace(/^.* version /, '')
        .trim() ?? '';
}

/** Runs a program with a home of its own, so that no account of this machine is used. */
export async function runPeer(
  name: Peer,
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<string> {
  const { stdout } = await run(findPeer(name) ?? name, args, {
    cwd: options.cwd,
    timeout: 120_000,
    env: {
      PATH: [join(DIRECTORY, 'bin'), process.env.PATH].join(delimiter),
      HOME: options.cwd,
      ...options.env,
    },
  });
  return stdout;
}
