import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const directory = resolve(__dirname, '../../.local/e2e');

/**
 * Where the browser tests' portal runs.
 */
export const portal = {
  url: 'http://localhost:13000',
  directory,
  environment: {
    WASI_LOCAL_DIRECTORY: directory,
    WASI_PORTAL_PORT: '13000',
    WASI_BACKEND_PORT: '17007',
    WASI_KUBE_PORT: '17443',
    WASI_REGISTRY_PORT: '17450',
    WASI_GIT_PORT: '17460',
  },
};

/** The addresses that the local platform wrote. */
export function readPlatform(): {
  kubernetes: { kubeconfig: string };
  registry: { host: string };
  git: { baseUrl: string };
} {
  return JSON.parse(readFileSync(join(directory, 'platform.json'), 'utf8'));
}
