import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { kubeconfig } from '@wasi-functions/local-platform';
import {
  call,
  type KubernetesTarget,
} from '@wasi-functions/local-platform/testing';

const READY_MS = 60_000;
const POLL_MS = 200;

/** Folder with `etcd` and `kube-apiserver`, as controller-runtime's setup-envtest lays it out. */
export const assets = process.env.KUBEBUILDER_ASSETS;

/** A real kube-apiserver with the WasmModule definition. */
export async function startKubeApiserverTarget(): Promise<KubernetesTarget> {
  const directory = mkdtempSync(join(tmpdir(), 'kube-apiserver-'));
  const [etcdPort, peerPort, port] = await freePorts(3);
  const token = 'contract-administrator';
  const key = join(directory, 'service-account.key');
  const tokens = join(directory, 'tokens.csv');
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  writeFileSync(key, privateKey, { mode: 0o600 });
  writeFileSync(tokens, `${token},admin,admin,system:masters\n`, {
    mode: 0o600,
  });
  const processes = [
    start('etcd', [
      `--data-dir=${join(directory, 'etcd')}`,
      `--listen-client-urls=http://127.0.0.1:${etcdPort}`,
      `--advertise-client-urls=http://127.0.0.1:${etcdPort}`,
      `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    ]),
    start('kube-apiserver', [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      `--cert-dir=${directory}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      `--token-auth-file=${tokens}`,
      '--authorization-mode=RBAC',
      '--disable-admission-plugins=ServiceAccount',
      '--service-cluster-ip-range=10.0.0.0/24',
      '--service-account-issuer=https://127.0.0.1',
      `--service-account-key-file=${key}`,
      `--service-account-signing-key-file=${key}`,
    ]),
  ];
  const close = async () => {
    await Promise.all(processes.reverse().map(stop));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const certificate = join(directory, 'apiserver.crt');
    const connection = () => ({
      server: `https://127.0.0.1:${port}`,
      caCertificate: readFileSync(certificate, 'utf8'),
      adminToken: token,
    });
    await until(
      async () =>
        existsSync(certificate) &&
        (await call(connection(), 'GET', '/readyz')).code === 200,
    );
    await addDefinition(connection());
    return { ...connection(), kubeconfig: config(connection()), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function config(connection: {
  server: string;
  caCertificate: string;
  adminToken: string;
}): string {
  return kubeconfig({ ...connection, token: connection.adminToken });
}

async function addDefinition(
  connection: Parameters<typeof call>[0],
): Promise<void> {
  const path = join(
    dirname(require.resolve('@wasi-functions/local-platform/package.json')),
    'crds',
    '300-wasmmodule.yaml',
  );
  await call(
    connection,
    'POST',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    { body: parse(readFileSync(path, 'utf8')) },
  );
  // Objects are served before discovery and OpenAPI tell of them.
  const group = '/apis/wasm.serving.knative.dev/v1alpha1';
  await until(async () => {
    const list = await call(connection, 'GET', `${group}/wasmmodules`);
    const discovery = await call(connection, 'GET', group);
    const { body } = await call(connection, 'GET', '/openapi/v3');
    return (
      list.code === 200 &&
      discovery.code === 200 &&
      group.slice(1) in body.paths
    );
  });
}

function start(name: string, args: string[]): ChildProcess {
  return spawn(join(assets!, name), args, { stdio: 'ignore' });
}

/** Its data goes with it, so nothing is gained by waiting for the end of its watches. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    // Refused connections are what a server that is still starting answers.
    if (await isTrue().catch(() => false)) {
      return;
    }
    if (Date.now() > deadline) {
      throw new Error('kube-apiserver was not ready within a minute.');
    }
    await new Promise(done => setTimeout(done, POLL_MS));
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
