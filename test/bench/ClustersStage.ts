import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import type { CacheReport } from './cacheChild';
import type { Answer, Question } from './kubernetesChild';
import { locations, pause, signIn, untilInCatalog } from './portal';
import { answers, freePort, root } from './programs';

const WASM_MODULES = {
  group: 'wasm.serving.knative.dev',
  apiVersion: 'v1alpha1',
  plural: 'wasmmodules',
};
const SETTLE_MS = 15_000;
const WARM = 2_000;

/** How much there is. */
export interface Size {
  clusters: number;
  modules: number;
  /** Milliseconds that whatever is sent to or by a cluster takes. Default: 0, as on one machine. */
  awayMs?: number;
}

/** Clusters with modules, and a portal that follows them. */
export class ClustersStage {
  readonly #directory = mkdtemp(join(tmpdir(), 'wasi-bench-'));
  readonly #children: ChildProcess[] = [];
  readonly #clusters: ChildProcess[] = [];
  #config: object[] = [];
  readonly #agent = new Agent({ keepAlive: true });
  #backendUrl = '';
  #entity = '';
  #headers: Record<string, string> = {};

  async startClusters({ clusters, modules, awayMs = 0 }: Size): Promise<void> {
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
          `${awayMs}`,
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
    // JSON is YAML.
    await writeFile(entities, JSON.stringify(entityOf(name)));
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
        // SQLite stops the whole process for each write to the disk; in production it is PostgreSQL.
        APP_CONFIG_backend_database_connection: ':memory:',
        WASI_KUBE_TOKEN: 'unused',
        WASI_GIT_PASSWORD: 'unused',
        APP_CONFIG_catalog_locations: JSON.stringify(
          locations({ entities: [entities] }),
        ),
        APP_CONFIG_kubernetes_clusterLocatorMethods: JSON.stringify([
          { type: 'config', clusters: this.#config },
        ]),
        APP_CONFIG_kubernetes_customResources: JSON.stringify([WASM_MODULES]),
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
    // Its own start goes on for a while after it answers.
    await pause(SETTLE_MS);
    for (let warm = 0; warm < WARM; warm += 1) {
      await this.askOurs();
    }
    for (let warm = 0; warm < WARM / 10; warm += 1) {
      await this.askKubernetesPlugin();
      await this.askKubernetesPluginForModules();
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

  /** As its page does for an entity: all kinds that it shows, and ours. */
  async askKubernetesPlugin(): Promise<void> {
    await this.#askKubernetesPlugin(`services/${this.#entity}`, {
      entity: entityOf(this.#entity),
    });
  }

  /** For WasmModules and nothing else. */
  async askKubernetesPluginForModules(): Promise<void> {
    await this.#askKubernetesPlugin('resources/custom/query', {
      entityRef: `component:default/${this.#entity}`,
      customResources: [WASM_MODULES],
    });
  }

  async #askKubernetesPlugin(path: string, body: object): Promise<void> {
    const answer = await this.#fetch(
      `/api/kubernetes/${path}`,
      JSON.stringify({ ...body, auth: {} }),
    );
    const found = (answer.items ?? []).flatMap(
      (item: { resources: { type: string; resources: unknown[] }[] }) =>
        item.resources
          .filter(({ type }) => type === 'customresources')
          .flatMap(({ resources }) => resources),
    );
    if (found.length !== 1) {
      throw new Error(`The Kubernetes plugin found ${JSON.stringify(answer)}.`);
    }
  }

  /** The entity alone, as any plugin reads it. */
  async askCatalog(): Promise<void> {
    await this.#fetch(
      `/api/catalog/entities/by-name/component/default/${this.#entity}`,
    );
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
    this.#agent.destroy();
    await rm(await this.#directory, { recursive: true, force: true });
  }

  // Not `fetch`, which takes longer than the portal does.
  async #fetch(path: string, body?: string): Promise<any> {
    const sent = request(`${this.#backendUrl}${path}`, {
      agent: this.#agent,
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...this.#headers, 'content-type': 'application/json' },
    });
    sent.end(body);
    const [response] = await once(sent, 'response');
    return json(response);
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

function entityOf(name: string) {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name, annotations: { 'backstage.io/kubernetes-id': name } },
    spec: {
      type: 'wasm-function',
      lifecycle: 'production',
      owner: 'group:default/platform',
    },
  };
}
