import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectModule } from '@wasi-functions/backstage-plugin-wasi-node';
import { median, milliseconds, percentile } from './measure';
import { root } from './programs';
import type { Result } from './report';

const MEBIBYTE = 1024 * 1024;
const ROUNDS = 20;
const SIZES = [1, 20];
const TIME_BAR = 150;
const MEMORY_BAR = 2;

export const title = 'Inspection';

/** Components of some thousand functions, imports and exports, the rest data. */
export async function measure(): Promise<Result[]> {
  const directory = await mkdtemp(join(tmpdir(), 'wasi-bench-'));
  try {
    const results: Result[] = [];
    for (const mebibytes of SIZES) {
      const path = join(directory, `${mebibytes}.wasm`);
      await writeFile(path, component(mebibytes * MEBIBYTE));
      await inspectModule(path);
      const samples = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        samples.push(await milliseconds(() => inspectModule(path)));
      }
      const p50 = median(samples);
      const grown = memory(path) / (mebibytes * MEBIBYTE);
      results.push(
        {
          what: `${mebibytes} MiB component`,
          measured: `p50 ${p50.toFixed(0)} ms, p95 ${percentile(
            samples,
            0.95,
          ).toFixed(0)} ms`,
          bar: `p50 ≤ ${TIME_BAR} ms`,
          met: p50 <= TIME_BAR,
        },
        ...(mebibytes >= 20
          ? [
              {
                what: `${mebibytes} MiB component, extra memory`,
                measured: `${grown.toFixed(2)} times its size`,
                bar: `≤ ${MEMORY_BAR}`,
                met: grown <= MEMORY_BAR,
              },
            ]
          : []),
      );
    }
    return results;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** In a process of its own, so that what was measured before is not counted. */
function memory(path: string): number {
  return Number(
    execFileSync(
      process.execPath,
      [...process.execArgv, join(__dirname, 'inspectChild.ts'), path],
      { cwd: root, encoding: 'utf8' },
    ),
  );
}

function component(bytes: number): Buffer {
  const names = Array.from({ length: 5_000 }, (_, index) =>
    Buffer.concat([text(`function ${index}`), Buffer.of(0, 0)]),
  );
  const core = (data: Buffer) =>
    Buffer.concat([
      Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]),
      section(7, Buffer.concat([leb(names.length), ...names])),
      section(10, data.subarray(0, data.length / 2)),
      section(11, data.subarray(data.length / 2)),
    ]);
  const overhead = core(Buffer.alloc(0)).length + 100;
  return Buffer.concat([
    Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]),
    section(1, core(randomBytes(bytes - overhead))),
    section(
      11,
      Buffer.concat([
        leb(1),
        Buffer.of(0),
        text('wasi:http/incoming-handler@0.2.3'),
        Buffer.of(5, 0, 0),
      ]),
    ),
  ]);
}

function section(id: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(id), leb(body.length), body]);
}

function text(value: string): Buffer {
  return Buffer.concat([leb(Buffer.byteLength(value)), Buffer.from(value)]);
}

function leb(value: number): Buffer {
  const bytes = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) {
    bytes.push((rest & 0x7f) | 0x80);
  }
  return Buffer.from([...bytes, rest]);
}
