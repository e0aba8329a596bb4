import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { CacheReport } from './cacheChild';
import type { Answer, Question } from './kubernetesChild';
import { milliseconds, percentile, sideBySide } from './measure';
import { locations, pause, signIn, untilInCatalog } from './portal';
import { answers, freePort, root } from './programs';
import type { Result } from './report';

const QUERIES = 300;
const VIEWED_MS = 10_000;
const REFRESH_MS = 2_000;

export const title = 'Many modules, many clusters, many viewers';

/** What the cache costs and saves, beside the Kubernetes plugin in one backend. */
export async function measure(): Promise<Result[]> {
  const results: Result[] = [];
  for (const clusters of [1, 5]) {
    for (const modules of [10, 1_000, 10_000]) {
      const stage = new Stage();
      try {
        await stage.startClusters(clusters, modules);
        if (modules === 10_000) {
          results.push(...(await measureCache(stage, { clusters, modules })));
        }
        await stage.startBackend(Math.floor(modules / 2));
        results.push(...(await measureQueries(stage, { clusters, modules })));
        if (modules === 1_000) {
          results.push(await measureViewers(stage, clusters));
        }
      } finally {
        await stage.close();
      }
    }
  }
  return results;
}

interface Size {
  clusters: number;
  modules: number;
}

function sizeText({ clusters, modules }: Size): string {
  return `${modules} modules, ${clusters} cluster${clusters === 1 ? '' : 's'}`;
}

async function measureCache(stage: Stage, size: Size): Promise<Result[]> {
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

async function measureQueries(stage: Stage, size: Size): Promise<Result[]> {
  const { ours, theirs } = await sideBySide(
    QUERIES,
    () => stage.askOurs(),
    () => stage.askKubernetesPlugin(),
  );
  const times = percentile(theirs, 0.5) / percentile(ours, 0.5);
  const p99 = percentile(ours, 0.99);
  const show = (samples: number[]) =>
    `p50 ${percentile(samples, 0.5).toFixed(1)} ms, p99 ${percentile(
      samples,
      0.99,
    ).toFixed(1)} ms`;
  // What any plugin waits for that reads an entity as its caller.
  const entity = await stage.timeEntity(QUERIES);
  return [
    {
      what: `status of one entity, ${sizeText(size)}`,
      measured: show(ours),
      bar: `p99 ≤ 10 ms at 1000; the entity alone, from the catalog: ${show(
        entity,
      )}`,
      ...(size.modules === 1_000 && { met: p99 <= 10 }),
    },
    {
      what: `beside the Kubernetes plugin, ${sizeText(size)}`,
      measured: `${times.toFixed(1)} times as fast`,
      bar: `≥ 20; ${show(theirs)}`,
      met: times >= 20,
    },
  ];
}

/** Requests that clusters get while so many pages refresh and modules change. */
async function measureViewers(stage: Stage, clusters: number): Promise<Result> {
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
    met: counts.slice(1).every(count => count <= counts[0] + clusters),
  };
}

class Stage {
  readonly #directory = mkdtemp(join(tmpdir(), 'wasi-bench-'));
  readonly #children: ChildProcess[] = [];
  readonly #clusters: ChildProcess[] = [];
  #config: object[] = [];
  #backendUrl = '';
  #entity = '';
  #headers: Record<string, string> = {};

  async startClusters(clusters: number, modules: number): Promise<void> {
    const directory = await this.#directory;
    const each = Math.ceil(modules / clusters);
    for (let index = 0; index < clusters; index += 1) {
      const first = index * each;
      const child = this.#start(
        [
          join(__dirname, 'kubernetesChild.ts'),
          join(directory, `kubernetes-${index}`),
          '0',
          `${Math.min(each, modules - first)}`,
          `${first}`,
        ],
        { cwd: root, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
      );
      this.#clusters.push(child);
    }
    this.#config = await Promise.all(
      this.#clusters.map(async (child, index) => {
        const { server, caCertificate, tokenPath } = await readLine(child);
        const caFile = join(directory, `ca-${index}.crt`);
        await writeFile(caFile, caCertificate);
        return {
          name: `cluster-${index}`,
          url: server,
          caFile,
          authProvider: 'serviceAccount',
          serviceAccountToken: (await readFile(tokenPath, 'utf8')).trim(),
        };
      }),
    );
  }

  async followClusters(): Promise<CacheReport> {
    const file = join(await this.#directory, 'config.json');
    await writeFile(
      file,
      JSON.stringify({
        kubernetes: {
          clusterLocatorMethods: [{ type: 'config', clusters: this.#config }],
        },
      }),
    );
    const child = this.#start(
      ['--expose-gc', join(__dirname, 'cacheChild.ts'), file],
      { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    return readLine(child);
  }

  /** With one entity in the catalog, which has one of the modules. */
  async startBackend(number: number): Promise<void> {
    const directory = await this.#directory;
    const entities = join(directory, 'entities.yaml');
    const name = `function-${number}`;
    await writeFile(entities, entityText(name));
    const port = await freePort();
    this.#backendUrl = `http://localhost:${port}`;
    this.#entity = name;
    const backend = this.#start([join(__dirname, 'kubernetesPlugin.ts')], {
      cwd: join(root, 'packages/backend'),
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        NODE_ENV: 'development',
        WASI_BACKEND_URL: this.#backendUrl,
        WASI_BACKEND_PORT: `${port}`,
        WASI_DATABASE_DIRECTORY: join(directory, 'db'),
        WASI_KUBE_TOKEN: 'unused',
        WASI_GIT_PASSWORD: 'unused',
        APP_CONFIG_catalog_locations: JSON.stringify(
          locations({ entities: [entities] }),
        ),
        APP_CONFIG_kubernetes_clusterLocatorMethods: JSON.stringify([
          { type: 'config', clusters: this.#config },
        ]),
      },
    });
    await Promise.race([
      answers(`${this.#backendUrl}/.backstage/health/v1/readiness`),
      once(backend, 'exit').then(() => {
        throw new Error('The backend ended.');
      }),
    ]);
    this.#headers = await signIn(this.#backendUrl);
    await untilInCatalog(
      this.#backendUrl,
      this.#headers as { authorization: string },
      `component/default/${name}`,
    );
    for (let warm = 0; warm < QUERIES; warm += 1) {
      await this.askOurs();
    }
    for (let warm = 0; warm < QUERIES / 10; warm += 1) {
      await this.askKubernetesPlugin();
    }
  }

  async askOurs(): Promise<void> {
    const { items } = await this.#fetch(
      `/api/wasi/v1/entities/component/default/${this.#entity}/modules`,
    );
    if (items?.length !== 1) {
      throw new Error(`There are ${items?.length} modules, not one.`);
    }
  }

  async askKubernetesPlugin(): Promise<void> {
    const answer = await this.#fetch('/api/kubernetes/resources/custom/query', {
      method: 'POST',
      body: JSON.stringify({
        entityRef: `component:default/${this.#entity}`,
        auth: {},
        customResources: [
          {
            group: 'wasm.serving.knative.dev',
            apiVersion: 'v1alpha1',
            plural: 'wasmmodules',
          },
        ],
      }),
    });
    const found = (answer.items ?? []).flatMap(
      (item: { resources: { resources: unknown[] }[] }) =>
        item.resources.flatMap(({ resources }) => resources),
    );
    if (found.length !== 1) {
      throw new Error(`The Kubernetes plugin found ${JSON.stringify(answer)}.`);
    }
  }

  async timeEntity(rounds: number): Promise<number[]> {
    const samples: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      samples.push(
        await milliseconds(() =>
          this.#fetch(
            `/api/catalog/entities/by-name/component/default/${this.#entity}`,
          ),
        ),
      );
    }
    return samples;
  }

  async requests(): Promise<number> {
    const told = await Promise.all(
      this.#clusters.map(child => ask(child, { ask: 'requests' })),
    );
    return told.reduce((sum, { requests = 0 }) => sum + requests, 0);
  }

  async change(modules: number): Promise<void> {
    await Promise.all(
      this.#clusters.map(child => ask(child, { ask: 'change', modules })),
    );
  }

  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    }
    await rm(await this.#directory, { recursive: true, force: true });
  }

  async #fetch(path: string, options: RequestInit = {}): Promise<any> {
    const answer = await fetch(`${this.#backendUrl}${path}`, {
      ...options,
      headers: { ...this.#headers, 'content-type': 'application/json' },
    });
    return answer.json();
  }

  #start(args: string[], options: object): ChildProcess {
    const child = spawn(
      process.execPath,
      [...process.execArgv, ...args],
      options,
    );
    this.#children.push(child);
    return child;
  }
}

async function readLine(child: ChildProcess): Promise<any> {
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout! }), 'line'),
    once(child, 'exit').then(() => {
      throw new Error('A child ended before it said anything.');
    }),
  ]);
  return JSON.parse(line);
}

let lastId = 0;

async function ask(
  child: ChildProcess,
  question: { ask: 'requests' } | { ask: 'change'; modules: number },
): Promise<Answer> {
  lastId += 1;
  const sent: Question = { ...question, id: lastId };
  return new Promise(resolve => {
    const listen = (answer: Answer) => {
      if (answer.id === sent.id) {
        child.off('message', listen);
        resolve(answer);
      }
    };
    child.on('message', listen);
    child.send(sent);
  });
}

function entityText(name: string): string {
  return `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: ${name}
  annotations:
    backstage.io/kubernetes-id: ${name}
spec:
  type: wasm-function
  lifecycle: production
  owner: group:default/platform
`;
}
