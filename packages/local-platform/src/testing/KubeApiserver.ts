import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { kubeconfig } from '../kubernetes/kubeconfig';
import { packageDirectory } from '../kubernetes/objects/packageDirectory';
import { call, type Answer } from './apiClient';
import type { KubernetesTarget } from './localTarget';

const READY_MS = 90_000;
const POLL_MS = 100;
const TAIL = 2_000;
const ADMIN_TOKEN = 'test-administrator';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Folder with `etcd` and `kube-apiserver`, as controller-runtime's setup-envtest lays it out. */
export const kubeApiserverAssets = process.env.KUBEBUILDER_ASSETS;

/** A real kube-apiserver on an etcd of its own; both can be hurt, and go on with their data. */
export class KubeApiserver implements KubernetesTarget {
  readonly adminToken = ADMIN_TOKEN;
  private readonly defined: Answer[] = [];
  private etcd!: ChildProcess;
  private api!: ChildProcess;

  private constructor(
    readonly directory: string,
    private readonly ports: { etcd: number; peer: number; api: number },
    private readonly flags: string[],
  ) {}

  /**
   * Starts one that serves WasmModules.
   *
   * @param flags - Of kube-apiserver, beside and before ours.
   */
  static async start(
    options: { flags?: string[] } = {},
  ): Promise<KubeApiserver> {
    const directory = mkdtempSync(join(tmpdir(), 'kube-apiserver-'));
    const [etcd, peer, api] = await freePorts(3);
    const started = new KubeApiserver(
      directory,
      { etcd, peer, api },
      options.flags ?? [],
    );
    try {
      started.writeSecrets();
      started.startEtcd();
      await started.startApi();
      await started.define(
        join(packageDirectory(), 'crds', '300-wasmmodule.yaml'),
      );
    } catch (error) {
      await started.close();
      throw error;
    }
    return started;
  }

  get server(): string {
    return `https://127.0.0.1:${this.ports.api}`;
  }

  get caCertificate(): string {
    return readFileSync(join(this.directory, 'apiserver.crt'), 'utf8');
  }

  get kubeconfig(): string {
    return kubeconfig({
      server: this.server,
      caCertificate: this.caCertificate,
      token: this.adminToken,
    });
  }

  get etcdServer(): string {
    return `http://127.0.0.1:${this.ports.etcd}`;
  }

  /** Ends the API server at once, as a crash does. */
  async killApi(): Promise<void> {
    await kill(this.api);
  }

  /** Starts the API server, on the port and the data that it had. */
  async startApi(): Promise<void> {
    const { directory, ports } = this;
    const key = join(directory, 'service-account.key');
    this.api = this.spawn('kube-apiserver', [
      ...this.flags,
      `--etcd-servers=${this.etcdServer}`,
      `--cert-dir=${directory}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${ports.api}`,
      `--token-auth-file=${join(directory, 'tokens.csv')}`,
      '--authorization-mode=RBAC',
      '--disable-admission-plugins=ServiceAccount',
      '--service-cluster-ip-range=10.0.0.0/24',
      '--service-account-issuer=https://127.0.0.1',
      `--service-account-key-file=${key}`,
      `--service-account-signing-key-file=${key}`,
    ]);
    await this.until(
      async () =>
        existsSync(join(directory, 'apiserver.crt')) &&
        (await call(this, 'GET', '/readyz')).code === 200,
    );
    await this.untilDefined();
  }

  /** Lets etcd stand still: requests hang, connections stay. */
  pauseEtcd(): void {
    this.etcd.kill('SIGSTOP');
  }

  resumeEtcd(): void {
    this.etcd.kill('SIGCONT');
  }

  /** Adds the custom resources of a manifest, and waits until they are served and described. */
  async define(path: string): Promise<void> {
    const documents = parseAllDocuments(readFileSync(path, 'utf8'))
      .map(document => document.toJS())
      .filter(Boolean);
    for (const definition of documents) {
      const { code, body } = await call(this, 'POST', DEFINITIONS, {
        body: definition,
      });
      if (code >= 300) {
        throw new Error(`${path}: ${body.message}`);
      }
    }
    this.defined.push(...documents.map(({ spec }) => spec));
    await this.untilDefined();
  }

  /** Ends both; their data goes with them. */
  async close(): Promise<void> {
    await Promise.all([this.api, this.etcd].map(child => child && kill(child)));
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async untilDefined(): Promise<void> {
    for (const spec of this.defined) {
      await this.until(() => this.serves(spec));
    }
  }

  /** Objects are served before discovery and OpenAPI tell of them. */
  private async serves(spec: Answer): Promise<boolean> {
    for (const version of spec.versions) {
      const group = `/apis/${spec.group}/${version.name}`;
      const list = await call(this, 'GET', `${group}/${spec.names.plural}`);
      const discovery = await call(this, 'GET', group);
      const { body } = await call(this, 'GET', '/openapi/v3');
      if (
        list.code !== 200 ||
        discovery.code !== 200 ||
        !(group.slice(1) in body.paths)
      ) {
        return false;
      }
    }
    return true;
  }

  private writeSecrets(): void {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const secret = { mode: 0o600 };
    writeFileSync(
      join(this.directory, 'service-account.key'),
      privateKey,
      secret,
    );
    writeFileSync(
      join(this.directory, 'tokens.csv'),
      `${ADMIN_TOKEN},admin,admin,system:masters\n`,
      secret,
    );
  }

  private startEtcd(): void {
    this.etcd = this.spawn('etcd', [
      `--data-dir=${join(this.directory, 'etcd')}`,
      `--listen-client-urls=${this.etcdServer}`,
      `--advertise-client-urls=${this.etcdServer}`,
      `--listen-peer-urls=http://127.0.0.1:${this.ports.peer}`,
      // What a power failure would lose is of no use after the test.
      '--unsafe-no-fsync',
    ]);
  }

  private spawn(name: string, args: string[]): ChildProcess {
    const log = openSync(this.logOf(name), 'a');
    const child = spawn(join(kubeApiserverAssets!, name), args, {
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    return child;
  }

  private logOf(name: string): string {
    return join(this.directory, `${name}.log`);
  }

  private async until(isTrue: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + READY_MS;
    for (;;) {
      // Refused connections are what a server that is still starting answers.
      if (await isTrue().catch(() => false)) {
        return;
      }
      if (hasEnded(this.api) || hasEnded(this.etcd) || Date.now() > deadline) {
        const name = hasEnded(this.etcd) ? 'etcd' : 'kube-apiserver';
        throw new Error(
          `kube-apiserver did not become ready. Last words of ${name}: ${readFileSync(
            this.logOf(name),
            'utf8',
          ).slice(-TAIL)}`,
        );
      }
      await new Promise(done => setTimeout(done, POLL_MS));
    }
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Its data stays or goes with the test, so nothing is gained by waiting for the end of its watches. */
async function kill(child: ChildProcess): Promise<void> {
  if (!hasEnded(child)) {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () =>
    createServer().listen(0, '127.0.0.1'),
  );
  await Promise.all(servers.map(server => once(server, 'listening')));
  const ports = servers.map(server => (server.address() as AddressInfo).port);
  await Promise.all(
    servers.map(server => {
      server.close();
      return once(server, 'close');
    }),
  );
  return ports;
}
