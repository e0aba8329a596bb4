import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModuleInspection } from '@wasi-functions/backstage-plugin-wasi-common';
import { writeLargeModule, writeLayout } from './largeModule';
import { median, sideBySide } from './measure';
import { missing, root, run } from './programs';
import { registryClient, startDockerRegistry } from './registries';
import type { Result } from './report';

const MEBIBYTE = 1024 * 1024;
const SIZES = [
  { mebibytes: 1, rounds: 20 },
  { mebibytes: 16, rounds: 10 },
  { mebibytes: 256, rounds: 4 },
];
const TIME_BAR = 1.1;
const MEMORY_BAR = 64 * MEBIBYTE;

export const title = 'Push and pull';

/** Our client against skopeo, and oras where it is installed, all with Debian's docker-registry. */
export async function measure(): Promise<Result[]> {
  const absent = missing('docker-registry', 'skopeo');
  if (absent.length > 0) {
    throw new Error(`${absent.join(' and ')} not installed.`);
  }
  const directory = await mkdtemp(join(tmpdir(), 'wasi-bench-'));
  const registry = await startDockerRegistry(directory);
  try {
    const results: Result[] = [];
    for (const size of SIZES) {
      results.push(...(await compare(directory, registry.host, size)));
    }
    if (missing('oras').length === 0) {
      results.push(...(await compareWithOras(directory, registry.host)));
    }
    results.push(
      ...(await measureMemory(directory, registry.host, 256 * MEBIBYTE)),
    );
    return results;
  } finally {
    await registry.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function compare(
  directory: string,
  host: string,
  { mebibytes, rounds }: (typeof SIZES)[number],
): Promise<Result[]> {
  const bytes = mebibytes * MEBIBYTE;
  const client = registryClient(host);
  const folder = join(directory, `${mebibytes}`);
  await mkdir(folder);
  const path = join(folder, 'module.wasm');
  const reference = `${host}/bench/module-${mebibytes}`;
  const inspections: ModuleInspection[] = [];
  // Each round sends bytes that nobody has sent, and both the same number of them.
  for (let round = 0; round < rounds; round += 1) {
    inspections.push(writeLargeModule(`${path}-${round}`, bytes));
    const other = `${path}-other-${round}`;
    writeLargeModule(other, bytes);
    await writeLayout(join(folder, `layout-${round}`), await readFile(other));
    await rm(other);
  }
  const push = await sideBySide(
    rounds,
    round =>
      client.push({
        path: `${path}-${round}`,
        reference: `${reference}:ours-${round}`,
        inspection: inspections[round],
        annotations: {},
        created: '2026-01-01T00:00:00Z',
      }),
    round =>
      skopeo(
        '--dest-tls-verify=false',
        `oci:${join(folder, `layout-${round}`)}`,
        `docker://${reference}:theirs-${round}`,
      ),
  );
  const pull = await sideBySide(
    rounds,
    round =>
      client.pull(`${reference}:ours-${round}`, `${path}-pulled-${round}`, {
        maxBytes: bytes,
      }),
    round =>
      skopeo(
        '--src-tls-verify=false',
        `docker://${reference}:ours-${round}`,
        `oci:${join(folder, `pulled-${round}`)}`,
      ),
  );
  await rm(folder, { recursive: true });
  return [
    row(`push ${mebibytes} MiB`, push),
    row(`pull ${mebibytes} MiB`, pull),
  ];
}

async function compareWithOras(
  directory: string,
  host: string,
): Promise<Result[]> {
  const bytes = 16 * MEBIBYTE;
  const rounds = 10;
  const client = registryClient(host);
  const folder = join(directory, 'oras');
  await mkdir(folder);
  const path = join(folder, 'module.wasm');
  const reference = `${host}/bench/oras`;
  const inspections: ModuleInspection[] = [];
  for (let round = 0; round < rounds; round += 1) {
    inspections.push(writeLargeModule(`${path}-${round}`, bytes));
    writeLargeModule(`${path}-other-${round}`, bytes);
  }
  const oras = (...args: string[]) =>
    run('oras', [...args, '--plain-http', '--no-tty'], { cwd: folder });
  const push = await sideBySide(
    rounds,
    round =>
      client.push({
        path: `${path}-${round}`,
        reference: `${reference}:ours-${round}`,
        inspection: inspections[round],
        annotations: {},
        created: '2026-01-01T00:00:00Z',
      }),
    round =>
      oras(
        'push',
        `${reference}:theirs-${round}`,
        `module.wasm-other-${round}:application/wasm`,
      ),
  );
  const pull = await sideBySide(
    rounds,
    round =>
      client.pull(`${reference}:theirs-${round}`, `${path}-pulled-${round}`, {
        maxBytes: bytes,
      }),
    round =>
      oras(
        'pull',
        `${reference}:theirs-${round}`,
        '--output',
        join(folder, `pulled-${round}`),
      ),
  );
  await rm(folder, { recursive: true });
  return [row('push 16 MiB', push, 'oras'), row('pull 16 MiB', pull, 'oras')];
}

function skopeo(...args: string[]): Promise<string> {
  return run('skopeo', ['--insecure-policy', 'copy', '--quiet', ...args]);
}

function row(
  what: string,
  samples: { ours: number[]; theirs: number[] },
  against = 'skopeo',
): Result {
  const ours = median(samples.ours);
  const theirs = median(samples.theirs);
  const ratio = ours / theirs;
  return {
    what,
    measured: `${ours.toFixed(0)} ms, ratio ${ratio.toFixed(2)}`,
    bar: `${against} ${theirs.toFixed(0)} ms; ≤ ${TIME_BAR}`,
    met: ratio <= TIME_BAR,
  };
}

/** In a process of its own, so that what was measured before is not counted. */
async function measureMemory(
  directory: string,
  host: string,
  bytes: number,
): Promise<Result[]> {
  const env = {
    ...process.env,
    INSPECTION_small: JSON.stringify(
      writeLargeModule(join(directory, 'small.wasm'), MEBIBYTE),
    ),
    INSPECTION_large: JSON.stringify(
      writeLargeModule(join(directory, 'large.wasm'), bytes),
    ),
  };
  const results = [];
  for (const verb of ['push', 'pull']) {
    const grown = Number(
      await run(
        process.execPath,
        [
          ...process.execArgv,
          join(__dirname, 'transferChild.ts'),
          verb,
          host,
          directory,
          `${bytes}`,
        ],
        { env, cwd: root },
      ),
    );
    results.push({
      what: `${verb} 256 MiB, extra memory`,
      measured: `${(grown / MEBIBYTE).toFixed(0)} MiB`,
      bar: `≤ ${MEMORY_BAR / MEBIBYTE} MiB`,
      met: grown <= MEMORY_BAR,
    });
  }
  return results;
}
