import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join, resolve } from 'node:path';
import {
  call,
  KubeApiserver,
  type Answer,
} from '@wasi-functions/local-platform/testing';
import { parseAllDocuments } from 'yaml';
import { NODE } from './Nodes';
import { startDataPlane, type DataPlane } from './startDataPlane';
import {
  asWasmController,
  buildWasmController,
  controllerSource,
  WASM_NAMESPACE,
  wasmManifests,
} from './WasmController';

/** Folder with the controllers of Knative Serving and of Kubernetes, and their manifests. */
export const knativeAssets = process.env.KNATIVE_ASSETS;

/** Keys of a ConfigMap that a cluster's administrator sets. */
export interface Setting {
  namespace?: string;
  name: string;
  data: Record<string, string | null>;
}

const NAMESPACE = 'knative-serving';
const CONTROLLERS = [
  'deployment-controller',
  'replicaset-controller',
  'endpoints-controller',
  'endpointslice-controller',
  'garbage-collector-controller',
  'resourcequota-controller',
  'clusterrole-aggregation-controller',
];
/** Five requests a second, as is the default, are few for scenarios in a row. */
const UNLIMITED = ['--kube-api-qps=500', '--kube-api-burst=1000'];
/** Where objects of a kind are created. */
const COLLECTIONS: Record<string, string> = {
  Namespace: '/api/v1/namespaces',
  ConfigMap: `/api/v1/namespaces/${NAMESPACE}/configmaps`,
  Secret: `/api/v1/namespaces/${NAMESPACE}/secrets`,
  Service: `/api/v1/namespaces/${NAMESPACE}/services`,
  Endpoints: `/api/v1/namespaces/${NAMESPACE}/endpoints`,
  MutatingWebhookConfiguration:
    '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  ValidatingWebhookConfiguration:
    '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
};
/** What a cluster's administrator sets; times are as short as Knative takes them. */
const SETTINGS: Record<string, Record<string, string>> = {
  // No registry is asked for the digest of the runner.
  'config-deployment': { 'registries-skipping-tag-resolving': 'ghcr.io' },
  'config-autoscaler': { 'scale-to-zero-grace-period': '6s' },
};

/**
 * Kubernetes without nodes, and Knative Serving: API server and controllers are real;
 * what would run on nodes (kubelet, ingress, activator) is played by the test.
 */
export class KnativeCluster {
  private readonly children: ChildProcess[] = [];
  private dataPlane?: DataPlane;

  private constructor(readonly api: KubeApiserver) {}

  static async start(): Promise<KnativeCluster> {
    const cluster = new KnativeCluster(await KubeApiserver.start());
    try {
      await cluster.install();
      await cluster.startControllers();
      if (controllerSource) {
        await cluster.startWasmController(controllerSource);
      }
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  /** One request that must succeed. */
  readonly send = async (
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<Answer> => {
    const answer = await call(this.api, method, path, { body, contentType });
    if (answer.code >= 300) {
      throw new Error(`${method} ${path}: ${answer.body.message}`);
    }
    return answer.body;
  };

  async set(settings: Setting[]): Promise<void> {
    for (const { namespace = NAMESPACE, name, data } of settings) {
      await this.send(
        'PATCH',
        `/api/v1/namespaces/${namespace}/configmaps/${name}`,
        { data },
        'application/merge-patch+json',
      );
    }
  }

  /** Takes back what was set. */
  async unset(settings: Setting[]): Promise<void> {
    await this.set(
      settings.map(({ data, ...setting }) => ({
        ...setting,
        data: Object.fromEntries(Object.keys(data).map(key => [key, null])),
      })),
    );
  }

  async close(): Promise<void> {
    await Promise.all(
      this.children.map(async child => {
        if (child.exitCode === null && child.signalCode === null) {
          const exited = once(child, 'exit');
          child.kill('SIGKILL');
          await exited;
        }
      }),
    );
    await this.dataPlane?.close();
    await this.api.close();
  }

  /** The last words of a controller, for who looks for a mistake. */
  log(name: string): string {
    return readFileSync(this.logOf(name), 'utf8');
  }

  private async install(): Promise<void> {
    await this.create({
      kind: 'Namespace',
      apiVersion: 'v1',
      metadata: { name: NAMESPACE },
    });
    for (const path of this.manifests()) {
      if (path.includes('300-resources') || isDefinition(path)) {
        await this.api.define(path);
      }
    }
    for (const path of this.manifests()) {
      for (const object of documentsOf(path)) {
        if (object.kind === 'ConfigMap') {
          await this.create({
            ...object,
            data: { ...object.data, ...SETTINGS[object.metadata.name] },
          });
        }
      }
    }
    await this.send('POST', '/api/v1/nodes', { metadata: { name: NODE } });
    // Where requests of a module go that has no pod.
    await this.create({
      kind: 'Service',
      metadata: { name: 'activator-service' },
      spec: { ports: [{ name: 'http', port: 80, targetPort: 8012 }] },
    });
    await this.create({
      kind: 'Endpoints',
      metadata: { name: 'activator-service' },
      subsets: [
        {
          addresses: [{ ip: '192.0.2.1' }],
          ports: [{ name: 'http', port: 8012 }],
        },
      ],
    });
  }

  private async startControllers(): Promise<void> {
    const kubeconfig = join(this.api.directory, 'kubeconfig');
    writeFileSync(kubeconfig, this.api.kubeconfig, { mode: 0o600 });
    this.spawn('kube-controller-manager', [
      `--kubeconfig=${kubeconfig}`,
      `--controllers=${CONTROLLERS.join(',')}`,
      '--leader-elect=false',
      '--secure-port=0',
      ...UNLIMITED,
    ]);
    await this.startWebhook(kubeconfig);
    this.spawn('controller', [`--kubeconfig=${kubeconfig}`, ...UNLIMITED]);
    this.dataPlane = await startDataPlane();
    this.spawn('autoscaler', [`--kubeconfig=${kubeconfig}`, ...UNLIMITED], {
      HTTP_PROXY: this.dataPlane.url,
    });
  }

  /** Its configurations name a Service, which leads to this machine. */
  private async startWebhook(kubeconfig: string): Promise<void> {
    const port = await freePort();
    await this.create({
      kind: 'Service',
      metadata: { name: 'webhook' },
      spec: { type: 'ExternalName', externalName: 'localhost' },
    });
    const documents = this.manifests()
      .filter(path => path.includes('/webhooks/'))
      .flatMap(documentsOf);
    for (const object of documents) {
      for (const { clientConfig } of object.webhooks ?? []) {
        clientConfig.service.port = port;
      }
      await this.create(object);
    }
    this.spawn('webhook', [`--kubeconfig=${kubeconfig}`, '--disable-ha'], {
      WEBHOOK_NAME: 'webhook',
      WEBHOOK_PORT: String(port),
    });
    // It writes its certificate authority there once it can answer.
    const path = `${COLLECTIONS.ValidatingWebhookConfiguration}/validation.webhook.serving.knative.dev`;
    await this.until('the webhook to answer', async () => {
      const { webhooks } = await this.send('GET', path);
      return webhooks[0].clientConfig.caBundle;
    });
  }

  /** The controller of knative-serving-wasm, with the rights that its manifests give it. */
  private async startWasmController(source: string): Promise<void> {
    for (const { path, object } of wasmManifests(source)) {
      await this.send('POST', path, object);
    }
    const program = buildWasmController(source, this.api.directory);
    const kubeconfig = join(this.api.directory, 'wasm-kubeconfig');
    writeFileSync(kubeconfig, asWasmController(this.api.kubeconfig), {
      mode: 0o600,
    });
    // Its rights are put together by a controller.
    await this.until('the rights of the controller', async () => {
      const role =
        '/apis/rbac.authorization.k8s.io/v1/clusterroles/knative-wasm-admin';
      return (await this.send('GET', role)).rules?.length;
    });
    this.spawn(
      program,
      [`--kubeconfig=${kubeconfig}`, '--disable-ha', ...UNLIMITED],
      { SYSTEM_NAMESPACE: WASM_NAMESPACE },
    );
  }

  /** Waits for what controllers do. */
  async until<Result>(
    what: string,
    look: () => Promise<Result | undefined | false>,
    timeoutMs = 60_000,
  ): Promise<Result> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const seen = await look();
      if (seen) {
        return seen;
      }
      if (Date.now() > deadline) {
        throw new Error(`Waited in vain for ${what}.`);
      }
      await new Promise(done => setTimeout(done, 100));
    }
  }

  private create(object: Answer): Promise<Answer> {
    return this.send('POST', COLLECTIONS[object.kind], object);
  }

  private manifests(): string[] {
    const folder = join(knativeAssets!, 'manifests');
    return readdirSync(folder, { recursive: true })
      .map(path => join(folder, String(path)))
      .filter(path => path.endsWith('.yaml') && statSync(path).isFile())
      .sort();
  }

  private logOf(name: string): string {
    return join(this.api.directory, `${name}.log`);
  }

  private spawn(
    name: string,
    args: string[],
    env: Record<string, string> = {},
  ): void {
    const log = openSync(this.logOf(basename(name)), 'a');
    this.children.push(
      spawn(resolve(knativeAssets!, name), args, {
        stdio: ['ignore', log, log],
        env: {
          SYSTEM_NAMESPACE: NAMESPACE,
          POD_NAME: basename(name),
          // Of the network for documentation: it is written where no loopback is allowed.
          POD_IP: '192.0.2.2',
          PROFILING_PORT: '0',
          CONFIG_LOGGING_NAME: 'config-logging',
          CONFIG_OBSERVABILITY_NAME: 'config-observability',
          ...env,
        },
      }),
    );
    closeSync(log);
  }
}

function documentsOf(path: string): Answer[] {
  return parseAllDocuments(readFileSync(path, 'utf8'))
    .map(document => document.toJS())
    .filter(Boolean);
}

function isDefinition(path: string): boolean {
  return documentsOf(path).some(
    ({ kind }) => kind === 'CustomResourceDefinition',
  );
}

async function freePort(): Promise<number> {
  const server: Server = createHttpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
