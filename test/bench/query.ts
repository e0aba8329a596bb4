import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { percentile, sideBySide } from './measure';
import { locations, signIn, untilInCatalog } from './portal';
import { answers, freePort, root } from './programs';
import type { Result } from './report';

const MODULES = 1_000;
const QUERIES = 1_000;
const BAR = 10;

export const title = 'The status of one entity';

/** One entity's modules among a thousand, over HTTP, one query after the other. */
export async function measure(): Promise<Result[]> {
  const directory = await mkdtemp(join(tmpdir(), 'wasi-bench-'));
  const children: ChildProcess[] = [];
  const start = (args: string[], options: object) => {
    const child = spawn(process.execPath, [...process.execArgv, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      ...options,
    });
    children.push(child);
    return child;
  };
  try {
    const api = start(
      [
        join(__dirname, 'kubernetesChild.ts'),
        join(directory, 'kubernetes'),
        '0',
        `${MODULES}`,
      ],
      { cwd: root },
    );
    const [line] = await once(createInterface({ input: api.stdout! }), 'line');
    const { server, caCertificate, tokenPath } = JSON.parse(line);
    const caFile = join(directory, 'ca.crt');
    await writeFile(caFile, caCertificate);
    const entities = join(directory, 'entities.yaml');
    await writeFile(entities, entity('function-500'));
    const port = await freePort();
    const backendUrl = `http://localhost:${port}`;
    const backend = start(['src'], {
      cwd: join(root, 'packages/backend'),
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        NODE_ENV: 'development',
        WASI_BACKEND_URL: backendUrl,
        WASI_BACKEND_PORT: `${port}`,
        WASI_DATABASE_DIRECTORY: join(directory, 'db'),
        WASI_KUBE_SERVER: server,
        WASI_KUBE_CA_FILE: caFile,
        WASI_KUBE_TOKEN: (await readFile(tokenPath, 'utf8')).trim(),
        WASI_GIT_PASSWORD: 'unused',
        APP_CONFIG_catalog_locations: JSON.stringify(
          locations({ entities: [entities] }),
        ),
      },
    });
    await Promise.race([
      answers(`${backendUrl}/.backstage/health/v1/readiness`),
      once(backend, 'exit').then(() => {
        throw new Error('The backend ended.');
      }),
    ]);
    const headers = await signIn(backendUrl);
    await untilInCatalog(backendUrl, headers, 'component/default/function-500');
    const url = `${backendUrl}/api/wasi/v1/entities/component/default/function-500/modules`;
    const query = async () => {
      const answer = await fetch(url, { headers });
      const { items } = await answer.json();
      if (items?.length !== 1) {
        throw new Error(`${url} answered ${answer.status}, not one module.`);
      }
    };
    for (let warm = 0; warm < QUERIES / 2; warm += 1) {
      await query();
    }
    // What any plugin waits for that reads an entity as its caller.
    const entityOnly = async () => {
      const answer = await fetch(
        `${backendUrl}/api/catalog/entities/by-name/component/default/function-500`,
        { headers },
      );
      await answer.json();
    };
    const { ours, theirs } = await sideBySide(QUERIES, query, entityOnly);
    const p99 = percentile(ours, 0.99);
    const show = (samples: number[]) =>
      `p50 ${percentile(samples, 0.5).toFixed(1)} ms, p99 ${percentile(
        samples,
        0.99,
      ).toFixed(1)} ms`;
    return [
      {
        what: `one entity among ${MODULES} modules, sign-in and permission included`,
        measured: show(ours),
        bar: `p99 ≤ ${BAR} ms; the entity alone, from the catalog: ${show(
          theirs,
        )}`,
        met: p99 <= BAR,
      },
    ];
  } finally {
    for (const child of children.filter(({ exitCode }) => exitCode === null)) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(directory, { recursive: true, force: true });
  }
}

function entity(name: string): string {
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
