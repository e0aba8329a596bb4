import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Addresses of a running local platform, as `platform.json` holds them. @public */
export interface PlatformFile {
  version: 1;
  /** Process that serves them. */
  pid: number;
  kubernetes: {
    /** Address of the API server, over TLS. */
    server: string;
    /** Path of a kubeconfig with an administrator in it. */
    kubeconfig: string;
    context: string;
    /** Path of the certificate that the server's is signed with. */
    caFile: string;
    /** Path of the token for the portal, which has the least rights that it needs. */
    tokenFile: string;
  };
  /** Host and port, as an image reference begins with. */
  registry: { host: string };
  git: { baseUrl: string; username: string; password: string };
  /** Ports that modules are served on. */
  runner: { ports: { first: number; last: number } };
}

// The name that the kubeconfig uses.
const CONTEXT = 'local';
// Everything here holds credentials, or points to them.
const OWNER_ONLY = { mode: 0o600 };

/**
 * Writes what clients need: CA certificate, kubeconfig, and last
 * `platform.json`, whose presence says that all of it can be used.
 *
 * @internal
 */
export function writePlatformFiles(
  directory: string,
  options: {
    kubernetes: {
      server: string;
      caCertificate: string;
      backstageTokenPath: string;
      kubeconfig(): string;
    };
    registry: PlatformFile['registry'];
    git: PlatformFile['git'];
    runner: PlatformFile['runner'];
  },
): PlatformFile {
  const { kubernetes } = options;
  const file: PlatformFile = {
    version: 1,
    pid: process.pid,
    kubernetes: {
      server: kubernetes.server,
      kubeconfig: join(directory, 'kubeconfig'),
      context: CONTEXT,
      caFile: join(directory, 'kubernetes-ca.crt'),
      tokenFile: kubernetes.backstageTokenPath,
    },
    registry: options.registry,
    git: options.git,
    runner: options.runner,
  };
  writeWhole(file.kubernetes.caFile, kubernetes.caCertificate);
  writeWhole(file.kubernetes.kubeconfig, kubernetes.kubeconfig());
  writeWhole(
    platformPath(directory),
    `${JSON.stringify(file, undefined, 2)}\n`,
  );
  return file;
}

/** Takes `platform.json` away: nothing answers there any more. @internal */
export function removePlatformFile(directory: string): void {
  rmSync(platformPath(directory), { force: true });
}

function platformPath(directory: string): string {
  return join(directory, 'platform.json');
}

// A reader never sees half a file.
function writeWhole(path: string, content: string): void {
  const draft = `${path}.new`;
  writeFileSync(draft, content, OWNER_ONLY);
  renameSync(draft, path);
}
