import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { BuiltModule } from '@wasi-functions/backstage-plugin-wasi-node';
import { buildSkeleton, runtimeOf, SKELETONS } from './buildSkeleton';
import { describeContract } from './contract';
import { engines, type Engine } from './engines';
import { machine } from './machine';
import { writeResults, type RuntimeResult } from './results';

/** For the figures; that a function answers is what the claims are for. */
const MEASURED_REQUESTS = 30;

jest.setTimeout(300_000);

const results: RuntimeResult[] = [];

afterAll(() => writeResults(results));

readdirSync(SKELETONS).forEach(describeSkeleton);

function describeSkeleton(skeleton: string) {
  const runtime = runtimeOf(skeleton);
  const missing = machine.missing[runtime] ?? ['no such runtime'];
  const present = missing.length === 0;
  const result: RuntimeResult = {
    skeleton,
    runtime,
    built: false,
    missing,
    passed: 0,
    failed: 0,
    skipped: 0,
  };
  results.push(result);

  (present ? describe : describe.skip)(
    present ? skeleton : `${skeleton} (tools: ${missing.join(' ')})`,
    () => {
      let folder: string;
      let module: Promise<BuiltModule>;

      beforeAll(async () => {
        folder = await realpath(await mkdtemp(join(tmpdir(), 'runtimes-')));
        module = build(skeleton, folder);
        // Those who need it tell.
        module.catch(() => undefined);
      });

      afterAll(async () => {
        await rm(folder, { recursive: true, force: true });
      });

      it('is built, for a first answer that does not wait for long', async () => {
        const built = await module;
        Object.assign(result, {
          built: true,
          tools: built.tools,
          bytes: built.size,
          gzipBytes: (await promisify(gzip)(await readFile(built.path))).length,
          buildMs: built.durationMs,
          ...(await measure(built.path, folder)),
        });
        expect(result.requestsPerSecond).toBeGreaterThan(0);
      });

      engines.forEach(engine => {
        (engine.present ? describe : describe.skip)(
          `served by ${engine.title}`,
          () => {
            let running: Awaited<ReturnType<Engine['start']>>;

            beforeAll(async () => {
              running = await engine.start(folder);
            });

            afterAll(async () => {
              await running.close();
            });

            describeContract(
              (title, check) => {
                const counted = engine.present && present;
                result.skipped += counted ? 0 : 1;
                it(`${title}`, async () => {
                  result.failed += 1;
                  await check();
                  result.failed -= 1;
                  result.passed += 1;
                });
              },
              async env => running.serve((await module).path, env),
            );
          },
        );
      });
    },
  );
}

async function build(skeleton: string, folder: string): Promise<BuiltModule> {
  const log: string[] = [];
  try {
    return await buildSkeleton({
      skeleton,
      folder,
      // The figures are those of a first build.
      wasi: { build: { maxCacheBytes: 0 } },
      log: line => log.push(line),
    });
  } catch (error) {
    process.stderr.write(`${skeleton}:\n${log.join('\n')}\n`);
    throw error;
  }
}

/** How the local platform's engine does with it, from the file to the first answer, and then. */
async function measure(path: string, folder: string) {
  const started = performance.now();
  const engine = await engines[0].start(folder);
  try {
    const served = await engine.serve(path, {});
    await served.ask({ path: '/' });
    const coldStartMs = Math.round(performance.now() - started);
    const warm = performance.now();
    for (let count = 0; count < MEASURED_REQUESTS; count += 1) {
      await served.ask({ path: '/' });
    }
    const requestsPerSecond = Math.round(
      (MEASURED_REQUESTS * 1000) / (performance.now() - warm),
    );
    await served.stop();
    return { coldStartMs, requestsPerSecond };
  } finally {
    await engine.close();
  }
}
