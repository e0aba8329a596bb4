// Follows clusters as the backend does; prints how long the first list took and what it holds.
import { readFileSync } from 'node:fs';
import { ConfigReader } from '@backstage/config';
import {
  createClusters,
  createModuleCache,
  readWasiConfig,
} from '@wasi-functions/backstage-plugin-wasi-node';

/** What the child prints. */
export interface CacheReport {
  listMs: number;
  /** Beyond what the process held before, after garbage was collected. */
  heldBytes: number;
  /** Beyond what the process held before, at most. */
  peakBytes: number;
  modules: number;
}

async function main([file]: string[]): Promise<void> {
  const config = new ConfigReader(JSON.parse(readFileSync(file, 'utf8')));
  const cache = createModuleCache({
    clusters: createClusters(config, readWasiConfig(config)),
  });
  global.gc!();
  const before = process.memoryUsage();
  let peak = before.rss;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 5);
  const started = performance.now();
  cache.start();
  await cache.settled(AbortSignal.timeout(60_000));
  const listMs = performance.now() - started;
  clearInterval(watch);
  peak = Math.max(peak, process.memoryUsage().rss);
  // What a request has just ended with is not yet garbage.
  await new Promise(done => setTimeout(done, 1000));
  global.gc!();
  const { heapUsed } = process.memoryUsage();
  const report: CacheReport = {
    listMs,
    heldBytes: heapUsed - before.heapUsed,
    peakBytes: peak - before.rss,
    modules: cache.find({}).items.length,
  };
  console.log(JSON.stringify(report));
  process.exit();
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exit(1);
});
