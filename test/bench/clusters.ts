import { ClustersStage, type Size } from './ClustersStage';
import { alone, percentile, sideBySide } from './measure';
import { pause } from './portal';
import type { Result } from './report';

const QUERIES = 1_000;
const COMPARED = 200;
/** One way. A region's next zone is some 1 ms away, the next region 5 to 30. */
const AWAY_MS = 5;
const VIEWED_MS = 10_000;
const REFRESH_MS = 2_000;

export const title = 'Many modules, many clusters, many viewers';

/** What the cache costs and saves, beside the Kubernetes plugin in one backend. */
export async function measure(): Promise<Result[]> {
  const results: Result[] = [];
  for (const clusters of [1, 5]) {
    for (const size of [
      { clusters, modules: 10 },
      { clusters, modules: 1_000 },
      { clusters, modules: 1_000, awayMs: AWAY_MS },
      { clusters, modules: 10_000 },
    ]) {
      const stage = new ClustersStage();
      try {
        await stage.startClusters(size);
        if (size.modules === 10_000) {
          results.push(...(await measureCache(stage, size)));
        }
        await stage.startBackend(Math.floor(size.modules / 2));
        results.push(...(await measureQueries(stage, size)));
        if (size.modules === 1_000 && !size.awayMs) {
          results.push(await measureViewers(stage, clusters));
        }
      } finally {
        await stage.close();
      }
    }
  }
  return results;
}

function sizeText({ clusters, modules, awayMs }: Size): string {
  return [
    `${modules} modules, ${clusters} cluster${clusters === 1 ? '' : 's'}`,
    ...(awayMs ? [`${2 * awayMs} ms away`] : []),
  ].join(' ');
}

async function measureCache(
  stage: ClustersStage,
  size: Size,
): Promise<Result[]> {
  const { listMs, heldBytes, peakBytes, modules } =
    await stage.followClusters();
  if (modules !== size.modules) {
    throw new Error(`The cache holds ${modules} of ${size.modules} modules.`);
  }
  const each = heldBytes / modules / 1000;
  return [
    {
      what: `first list, ${sizeText(size)}`,
      measured: `${listMs.toFixed(0)} ms; ${(peakBytes / 2 ** 20).toFixed(
        0,
      )} MiB at most`,
      bar: '≤ 5000 ms',
      met: listMs <= 5_000,
    },
    {
      what: `memory for each module, ${sizeText(size)}`,
      measured: `${each.toFixed(1)} kB`,
      bar: '≤ 10 kB',
      met: each <= 10,
    },
  ];
}

async function measureQueries(
  stage: ClustersStage,
  size: Size,
): Promise<Result[]> {
  const status = await alone(QUERIES, () => stage.askOurs());
  // What any plugin waits for that reads an entity as its caller.
  const entity = await alone(QUERIES, () => stage.askCatalog());
  const page = await sideBySide(
    COMPARED,
    () => stage.askOurs(),
    () => stage.askKubernetesPlugin(),
  );
  const query = await sideBySide(
    COMPARED,
    () => stage.askOurs(),
    () => stage.askKubernetesPluginForModules(),
  );
  return [
    {
      what: `status of one entity, ${sizeText(size)}`,
      measured: show(status),
      bar: `p99 ≤ 10 ms at 1000; the entity alone, from the catalog: ${show(
        entity,
      )}`,
      ...(size.modules === 1_000 && { met: percentile(status, 0.99) <= 10 }),
    },
    {
      what: `beside what the Kubernetes plugin's page asks, ${sizeText(size)}`,
      measured: `${times(page).toFixed(1)} times as fast`,
      bar: `≥ 20; ${show(page.theirs)}`,
      met: times(page) >= 20,
    },
    {
      what: `beside its query for WasmModules alone, ${sizeText(size)}`,
      measured: `${times(query).toFixed(1)} times as fast`,
      bar: show(query.theirs),
    },
  ];
}

function show(samples: number[]): string {
  return `p50 ${percentile(samples, 0.5).toFixed(1)} ms, p99 ${percentile(
    samples,
    0.99,
  ).toFixed(1)} ms`;
}

/** How many times as fast as theirs ours is. */
function times({ ours, theirs }: { ours: number[]; theirs: number[] }): number {
  return percentile(theirs, 0.5) / percentile(ours, 0.5);
}

/** Requests that clusters get while so many pages refresh and modules change. */
async function measureViewers(
  stage: ClustersStage,
  clusters: number,
): Promise<Result> {
  const counts: number[] = [];
  for (const viewers of [1, 100, 500]) {
    const before = await stage.requests();
    const end = performance.now() + VIEWED_MS;
    const changing = (async () => {
      while (performance.now() < end) {
        await stage.change(5);
        await pause(1_000);
      }
    })();
    await Promise.all(
      Array.from({ length: viewers }, async (_, viewer) => {
        await pause((REFRESH_MS * viewer) / viewers);
        while (performance.now() < end) {
          const asked = performance.now();
          await stage.askOurs();
          await pause(Math.max(0, asked + REFRESH_MS - performance.now()));
        }
      }),
    );
    await changing;
    counts.push((await stage.requests()) - before);
  }
  return {
    what: `requests to ${clusters} API server${clusters === 1 ? '' : 's'} in ${
      VIEWED_MS / 1000
    } s with 1, 100 and 500 viewers`,
    measured: counts.join(', '),
    bar: 'no more with more viewers',
    // What a watch asks by itself, of each resource, may fall into any of the three.
    met: counts.slice(1).every(count => count <= counts[0] + 3 * clusters),
  };
}
