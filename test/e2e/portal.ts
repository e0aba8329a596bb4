import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const directory = resolve(__dirname, '../../.local/e2e');

/**
 * Where the browser tests' portal runs.
 */
export const portal = {
  url: 'http://localhost:23000',
  directory,
  environment: {
    WASI_LOCAL_DIRECTORY: directory,
    WASI_PORTAL_PORT: '23000',
    WASI_BACKEND_PORT: '27007',
    WASI_KUBE_PORT: '27443',
    WASI_REGISTRY_PORT: '27450',
    WASI_GIT_PORT: '27460',
    WASI_MODULE_PORTS: '27500-27599',
  },
};

/** The addresses that the local platform wrote. */
export function readPlatform(): {
  kubernetes: { kubeconfig: string };
  registry: { host: string };
  git: { baseUrl: string; username: string; password: string };
} {
  return JSON.parse(readFileSync(join(directory, 'platform.json'), 'utf8'));
}
