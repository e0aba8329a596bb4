import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';
import type { Answer } from '@wasi-functions/local-platform/testing';

/** Folder with the sources of knative-serving-wasm; without it, the stand-in does its part. */
export const controllerSource = process.env.KNATIVE_WASM_SOURCE;

export const WASM_NAMESPACE = 'knative-wasm';
const USER = `system:serviceaccount:${WASM_NAMESPACE}:controller`;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const COLLECTIONS: Record<string, string> = {
  Namespace: '/api/v1/namespaces',
  ServiceAccount: `/api/v1/namespaces/${WASM_NAMESPACE}/serviceaccounts`,
  ConfigMap: `/api/v1/namespaces/${WASM_NAMESPACE}/configmaps`,
  ClusterRole: `${RBAC}/clusterroles`,
  ClusterRoleBinding: `${RBAC}/clusterrolebindings`,
  Role: `${RBAC}/namespaces/${WASM_NAMESPACE}/roles`,
  RoleBinding: `${RBAC}/namespaces/${WASM_NAMESPACE}/rolebindings`,
};
/** Several controllers run on one machine here, where each has a pod of its own elsewhere. */
const HEALTH_PORT = {
  module: 'knative.dev/pkg',
  file: 'injection/health_check.go',
  from: 'HealthCheckDefaultPort = 8080',
  to: 'HealthCheckDefaultPort = 0',
};

/** Compiles the controller of knative-serving-wasm; answers the program. */
export function buildWasmController(source: string, directory: string): string {
  const { module, file, from, to } = HEALTH_PORT;
  const original = go(source, ['list', '-m', '-f', '{{.Dir}}', module]).trim();
  const copy = join(directory, 'knative-pkg');
  cpSync(original, copy, { recursive: true });
  const text = readFileSync(join(original, file), 'utf8');
  if (!text.includes(from)) {
    throw new Error(`${module} has no \`${from}\` in ${file} any more.`);
  }
  // Go keeps its copy read-only.
  rmSync(join(copy, file), { force: true });
  writeFileSync(join(copy, file), text.replace(from, to));
  const modfile = join(directory, 'wasm-go.mod');
  copyFileSync(join(source, 'go.sum'), join(directory, 'wasm-go.sum'));
  writeFileSync(
    modfile,
    `${readFileSync(
      join(source, 'go.mod'),
      'utf8',
    )}\nreplace ${module} => ${copy}\n`,
  );
  const program = join(directory, 'wasm-controller');
  go(source, [
    'build',
    '-trimpath',
    `-modfile=${modfile}`,
    '-o',
    program,
    './cmd/controller',
  ]);
  return program;
}

/** What its manifests install beside it: roles and settings, in the order of their files. */
export function wasmManifests(
  source: string,
): { path: string; object: Answer }[] {
  const folder = join(source, 'config');
  return readdirSync(folder)
    .filter(name => name.endsWith('.yaml'))
    .sort()
    .flatMap(name =>
      parseAllDocuments(readFileSync(join(folder, name), 'utf8')),
    )
    .map(document => document.toJS())
    .filter(object => object && object.kind in COLLECTIONS)
    .map(object => ({ path: COLLECTIONS[object.kind], object }));
}

/** The administrator's kubeconfig for who acts as the controller, with no more rights than it has. */
export function asWasmController(kubeconfig: string): string {
  const config = parse(kubeconfig);
  for (const { user } of config.users) {
    user.as = USER;
  }
  return stringify(config);
}

function go(cwd: string, args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync('go', args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  if (status !== 0) {
    throw new Error(`go ${args[0]} in ${cwd} failed: ${error ?? stderr}`);
  }
  return stdout;
}
