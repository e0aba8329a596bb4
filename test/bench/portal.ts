import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, root } from './programs';

/** A portal as `npm start` runs it, on free ports and in a folder of its own. */
export interface BenchPortal {
  url: string;
  backendUrl: string;
  kubeconfig: string;
  registryHost: string;
  /** Runs a template to its end; fails when the run does. */
  runTemplate(
    template: string,
    values: Record<string, unknown>,
  ): Promise<Record<string, any>>;
  stop(): Promise<void>;
}

/** Starts it; `templates` are further template files, by absolute path. */
export async function startBenchPortal(
  options: { templates?: string[]; entities?: string[] } = {},
): Promise<BenchPortal> {
  const directory = await mkdtemp(join(tmpdir(), 'wasi-bench-portal-'));
  const { startPortal } = await import('../../scripts/lib/startPortal.mjs');
  const { stopChildren } = await import('../../scripts/lib/children.mjs');
  const firstModulePort = 31_500;
  const { url, backendUrl, platform, failed } = await startPortal({
    directory,
    ports: {
      portal: await freePort(),
      backend: await freePort(),
      kubernetes: await freePort(),
      registry: await freePort(),
      git: await freePort(),
    },
    log: () => {},
    environment: {
      ...process.env,
      WASI_MODULE_PORTS: `${firstModulePort}-${firstModulePort + 99}`,
      APP_CONFIG_catalog_locations: JSON.stringify(locations(options)),
    },
  });
  // Told by whatever does not answer then; being stopped counts as well.
  failed.catch(() => {});
  return {
    url,
    backendUrl,
    kubeconfig: platform.kubernetes.kubeconfig,
    registryHost: platform.registry.host,
    runTemplate: (template, values) =>
      runTemplate(backendUrl, template, values),
    async stop() {
      await stopChildren();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What the catalog reads at its start. */
export function locations({
  templates = [],
  entities = [],
}: {
  templates?: string[];
  entities?: string[];
}): object[] {
  const file = (target: string, ...kinds: string[]) => ({
    type: 'file',
    target,
    rules: [{ allow: kinds }],
  });
  return [
    file(join(root, 'catalog/organization.yaml'), 'User', 'Group'),
    ...[join(root, 'templates/*/template.yaml'), ...templates].map(target =>
      file(target, 'Template'),
    ),
    ...entities.map(target => file(target, 'Component')),
  ];
}

/** What a request as a guest needs. */
export async function signIn(
  backendUrl: string,
): Promise<{ authorization: string }> {
  const answer = await fetch(`${backendUrl}/api/auth/guest/refresh`, {
    method: 'POST',
  });
  const { backstageIdentity } = await answer.json();
  return { authorization: `Bearer ${backstageIdentity.token}` };
}

/** Waits until the catalog has read an entity. */
export async function untilInCatalog(
  backendUrl: string,
  headers: { authorization: string },
  entity: string,
): Promise<void> {
  for (;;) {
    const answer = await fetch(
      `${backendUrl}/api/catalog/entities/by-name/${entity}`,
      { headers },
    );
    await answer.arrayBuffer();
    if (answer.ok) {
      return;
    }
    await pause(100);
  }
}

async function runTemplate(
  backendUrl: string,
  template: string,
  values: Record<string, unknown>,
): Promise<Record<string, any>> {
  const headers = {
    ...(await signIn(backendUrl)),
    'content-type': 'application/json',
  };
  await untilInCatalog(backendUrl, headers, `template/default/${template}`);
  const tasks = `${backendUrl}/api/scaffolder/v2/tasks`;
  const started = await fetch(tasks, {
    method: 'POST',
    headers,
    body: JSON.stringify({
      templateRef: `template:default/${template}`,
      values,
    }),
  });
  const { id } = await started.json();
  let status = 'open';
  while (status === 'open' || status === 'processing') {
    // Each question takes the backend some 10 ms that the run could use.
    await pause(200);
    ({ status } = await (await fetch(`${tasks}/${id}`, { headers })).json());
  }
  const events = await (
    await fetch(`${tasks}/${id}/events`, { headers })
  ).json();
  if (status !== 'completed') {
    throw new Error(
      `The run of ${template} ended ${status}: ${JSON.stringify(
        events.at(-1).body,
      )}`,
    );
  }
  return events.at(-1).body.output;
}

export function pause(ms: number): Promise<void> {
  return new Promise(done => setTimeout(done, ms));
}
