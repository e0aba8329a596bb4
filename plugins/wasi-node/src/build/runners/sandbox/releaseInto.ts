import type { Readable, Writable } from 'node:stream';
import type { BuildCgroup } from './cgroup';

/**
 * Moves a held program of bubblewrap into a control group, and lets it go.
 *
 * @internal
 */
export async function releaseInto(
  cgroup: BuildCgroup,
  held: { tells: Readable; waits: Writable },
): Promise<void> {
  let text = '';
  for await (const chunk of held.tells) {
    text += chunk;
    const pid = /"child-pid":\s*(\d+)\D/.exec(text)?.[1];
    if (pid) {
      await cgroup.add(Number(pid));
      held.waits.end('.');
      return;
    }
  }
  // It ended before there was anything to hold; its exit code tells why.
}
