import type { Clusters } from '../types';
import { createModuleCache } from '../createModuleCache';

/** What a cache of many modules costs. */
export interface CacheMeasures {
  modules: number;
  /** Until the modules can be asked for. */
  listMs: number;
  /** Of it, how long the process itself was busy. */
  listCpuMs: number;
  /** Until all that tells of them can be asked for too. */
  companionsMs: number;
  heldBytesPerModule: number;
  /** Beyond what the process held before, at most. */
  peakBytes: number;
  queries: { entityRef: number; labelSelector: number; name: number };
}

const QUERIES = 2_000;

/**
 * Follows clusters and measures it. The process must do nothing else, and run
 * with `--expose-gc`.
 */
export async function measureModuleCache(
  clusters: Clusters,
): Promise<CacheMeasures> {
  const collect = global.gc!;
  collect();
  const before = process.memoryUsage();
  let peak = before.rss;
  const look = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 5);
  const cache = createModuleCache({ clusters });
  const started = performance.now();
  const cpu = process.cpuUsage();
  cache.start();
  const signal = AbortSignal.timeout(120_000);
  await cache.settled(signal);
  const listMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  const [problem] = cache.problems();
  if (problem) {
    throw new Error(problem.message);
  }
  for (const { name: cluster } of clusters.names()) {
    const [first] = cache.find({ cluster }).items;
    await (first && cache.companionsSettled(first.ref, signal));
  }
  const companionsMs = performance.now() - started;
  clearInterval(look);
  // What a request has just ended with is not yet garbage.
  await new Promise(done => setTimeout(done, 500));
  collect();
  const held = process.memoryUsage().heapUsed - before.heapUsed;
  const all = cache.find({}).items;
  const p99 = (ask: (index: number) => unknown) => {
    const times = Array.from({ length: QUERIES }, (_, index) => {
      const begun = performance.now();
      ask((index * 7919) % all.length);
      return performance.now() - begun;
    }).sort((a, b) => a - b);
    return times[Math.floor(QUERIES * 0.99)];
  };
  const metadataOf = (index: number) => all[index].module.metadata;
  const queries = {
    entityRef: p99(index =>
      cache.find({
        entityRef: metadataOf(index).annotations?.['backstage.io/entity-ref'],
      }),
    ),
    labelSelector: p99(index =>
      cache.find({
        labelSelector: `backstage.io/kubernetes-id=${metadataOf(index).name}`,
      }),
    ),
    name: p99(index => cache.find({ name: metadataOf(index).name })),
  };
  await cache.stop();
  return {
    modules: all.length,
    listMs,
    listCpuMs: (user + system) / 1000,
    companionsMs,
    heldBytesPerModule: held / all.length,
    peakBytes: peak - before.rss,
    queries,
  };
}
