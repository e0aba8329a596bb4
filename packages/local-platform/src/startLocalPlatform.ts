import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { startGitHost } from './git';
import { startKubernetesApi } from './kubernetes';
import { readOrCreate } from './kubernetes/persistence/readOrCreate';
import { hasCode } from './platform/hasCode';
import { lateLogSource } from './platform/lateLogSource';
import { lockDirectory } from './platform/lockDirectory';
import {
  type PlatformFile,
  removePlatformFile,
  writePlatformFiles,
} from './platform/platformFiles';
import { startRegistry } from './registry';
import { startRunner } from './runner';

/** Where a local platform keeps its state and where it listens. @public */
export interface LocalPlatformOptions {
  /** Folder of its state; made where it is missing, may be deleted while it is stopped. */
  directory: string;
  /** Folder of installed toolchains: modules are run with jco. */
  toolchainsDirectory: string;
  /** 0 for any free port. */
  ports?: {
    /** Default: 7443. */
    kubernetes?: number;
    /** Default: 7450. */
    registry?: number;
    /** Default: 7460. */
    git?: number;
    /** Each module has a port of its own. Default: 7500 to 7999. */
    modules?: { first: number; last: number };
  };
  /** Keeps outgoing HTTP to `network.tcp.connect`, which the real runner does not. Default: false. */
  limitOutgoingHttp?: boolean;
}

/** A running local platform. @public */
export interface LocalPlatform {
  /** What `platform.json` says. */
  file: PlatformFile;
  /** Ends every module and every server, and gives the folder back. */
  close(): Promise<void>;
}

/**
 * Starts a Kubernetes API, an OCI registry, a git host and a WASI runner in this process.
 *
 * @public
 */
export async function startLocalPlatform(
  options: LocalPlatformOptions,
): Promise<LocalPlatform> {
  const directory = resolve(options.directory);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const closers: (() => void | Promise<void>)[] = [lockDirectory(directory)];
  // Last started, first ended.
  const close = async () => {
    for (let closer = closers.pop(); closer; closer = closers.pop()) {
      await closer();
    }
  };
  try {
    const file = await startParts(directory, options, closers);
    return { file, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startParts(
  directory: string,
  options: LocalPlatformOptions,
  closers: (() => void | Promise<void>)[],
): Promise<PlatformFile> {
  const ports = options.ports ?? {};
  const modulePorts = ports.modules ?? { first: 7500, last: 7999 };
  const started = <T extends { close(): Promise<void> }>(part: T): T => {
    closers.push(() => part.close());
    return part;
  };

  const registry = started(
    await listening('registry', ports.registry ?? 7450, port =>
      startRegistry({ directory: join(directory, 'registry'), port }),
    ),
  );
  const account = {
    // The portal's logs blot out every occurrence of it: not a word that they use.
    username: 'local-user',
    password: readOrCreate(join(directory, 'git-password'), () =>
      randomBytes(24).toString('base64url'),
    ).trim(),
  };
  const git = started(
    await listening('git host', ports.git ?? 7460, port =>
      startGitHost({ directory: join(directory, 'git'), port, ...account }),
    ),
  );
  const logs = lateLogSource();
  const kubernetes = started(
    await listening('Kubernetes API', ports.kubernetes ?? 7443, port =>
      startKubernetesApi({
        directory: join(directory, 'kubernetes'),
        port,
        logSource: logs.logSource,
      }),
    ),
  );
  const runner = started(
    await startRunner({
      store: kubernetes.store,
      directory: join(directory, 'runner'),
      toolchainsDirectory: options.toolchainsDirectory,
      insecureRegistries: [registry.host],
      ports: modulePorts,
      limitOutgoingHttp: options.limitOutgoingHttp,
    }),
  );
  logs.set(runner.logSource);

  const file = writePlatformFiles(directory, {
    kubernetes,
    registry: { host: registry.host },
    git: { baseUrl: git.baseUrl, ...account },
    runner: { ports: modulePorts },
  });
  closers.push(() => removePlatformFile(directory));
  return file;
}

async function listening<T>(
  part: string,
  port: number,
  start: (port: number) => Promise<T>,
): Promise<T> {
  try {
    return await start(port);
  } catch (error) {
    if (hasCode(error, 'EADDRINUSE')) {
      throw new WasiError('LOCAL_PORT_TAKEN', {
        message: `Port ${port} for the ${part} is taken.`,
        remedy: `End the program that uses it ("lsof -i :${port}" names it), or choose another port.`,
      });
    }
    throw error;
  }
}
