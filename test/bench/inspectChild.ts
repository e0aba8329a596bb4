import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectModule } from '@wasi-functions/backstage-plugin-wasi-node';

/** Prints how much memory an inspection takes beyond what the process had. */
async function main(path: string): Promise<void> {
  const small = join(tmpdir(), `wasi-bench-${process.pid}.wasm`);
  writeFileSync(small, Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
  // Whatever is loaded once has been.
  await inspectModule(small);
  rmSync(small);
  const before = process.resourceUsage().maxRSS;
  await inspectModule(path);
  console.log((process.resourceUsage().maxRSS - before) * 1024);
}

main(process.argv[2]);
