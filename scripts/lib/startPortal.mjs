import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from './children.mjs';
import { toolchainsDirectory } from './ensureToolchains.mjs';
import { checkPorts } from './ports.mjs';
import { root } from './root.mjs';
import { UserError } from './UserError.mjs';

const READY_MS = 300_000;
const TRANSFORM = join(
  root,
  'node_modules/@backstage/cli-node/config/nodeTransform.cjs',
);

/**
 * Starts local platform, backend and frontend, and resolves once the portal answers.
 *
 * `failed` rejects when one of them ends by itself. Stop them with `stopChildren()`.
 */
export async function startPortal({
  directory,
  ports,
  log = console.log,
  environment = process.env,
}) {
  await refuseSecondStart(directory);
  await checkPorts(ports);
  const failures = [];
  const start = (name, options) => {
    const child = startChild({
      command: process.execPath,
      logFile: join(directory, 'logs', `${name}.log`),
      ...options,
    });
    failures.push(
      child.exited.then(code => {
        throw new UserError(
          `The ${name} ended (exit code ${code}), its last lines were:\n  ${child
            .tail()
            .join('\n  ')}\nThe whole output is in ${child.logFile}.`,
        );
      }),
    );
    // Looked at by whoever waits below; unhandled would be too late by then.
    failures.at(-1).catch(() => {});
    return child;
  };
  const orFailure = wait => Promise.race([wait, ...failures]);

  log('Starting the local platform …');
  const platformChild = start('local platform', {
    args: [
      join(root, 'packages/local-platform/bin/wasi-local-platform.js'),
      '--directory',
      directory,
      '--kubernetes-port',
      `${ports.kubernetes}`,
      '--registry-port',
      `${ports.registry}`,
      '--git-port',
      `${ports.git}`,
      ...(environment.WASI_MODULE_PORTS
        ? ['--module-ports', environment.WASI_MODULE_PORTS]
        : []),
    ],
    cwd: root,
    env: {
      ...environment,
      WASI_TOOLCHAINS_DIRECTORY: toolchainsDirectory(),
    },
  });
  const platform = await orFailure(
    waitForPlatform(directory, platformChild.pid),
  );
  log(`  Kubernetes API ${platform.kubernetes.server}`);
  log(`  registry       ${platform.registry.host}`);
  log(`  git host       ${platform.git.baseUrl}`);

  const env = {
    ...environment,
    ...(await portalEnvironment({ directory, platform, ports })),
  };
  log('Starting the backend and the frontend …');
  start('backend', {
    args: ['--enable-source-maps', '--require', TRANSFORM, 'src'],
    cwd: join(root, 'packages/backend'),
    env: { ...env, NODE_ENV: 'development' },
  });
  start('frontend', {
    args: [
      join(root, 'node_modules/@backstage/cli/bin/backstage-cli'),
      'package',
      'start',
    ],
    cwd: join(root, 'packages/app'),
    env: { ...env, BROWSER: 'none' },
  });
  const url = `http://localhost:${ports.portal}`;
  const backendUrl = `http://localhost:${ports.backend}`;
  await orFailure(
    Promise.all([
      waitForAnswer('backend', `${backendUrl}/.backstage/health/v1/readiness`),
      waitForAnswer('frontend', url),
    ]),
  );
  return { url, backendUrl, platform, failed: Promise.race(failures) };
}

/** What app-config.yaml reads from the environment. */
async function portalEnvironment({ directory, platform, ports }) {
  const { git, kubernetes, registry } = platform;
  return {
    WASI_PORTAL_URL: `http://localhost:${ports.portal}`,
    WASI_BACKEND_URL: `http://localhost:${ports.backend}`,
    WASI_BACKEND_PORT: `${ports.backend}`,
    WASI_DATABASE_DIRECTORY: join(directory, 'db'),
    WASI_GIT_HOST: new URL(git.baseUrl).host,
    WASI_GIT_URL: git.baseUrl,
    WASI_GIT_USERNAME: git.username,
    WASI_GIT_PASSWORD: git.password,
    WASI_KUBE_SERVER: kubernetes.server,
    WASI_KUBE_CA_FILE: kubernetes.caFile,
    WASI_KUBE_TOKEN: (await readFile(kubernetes.tokenFile, 'utf8')).trim(),
    WASI_REGISTRY_HOST: registry.host,
    WASI_TOOLCHAINS_DIRECTORY: toolchainsDirectory(),
  };
}

/** Refuses a folder that a running local platform uses. */
export async function refuseSecondStart(directory) {
  const running = await readPlatform(directory);
  if (running && isAlive(running.pid)) {
    throw new UserError(
      `A local platform runs already on ${directory} (process ${running.pid}): end it with Ctrl-C where it was started, or with "kill ${running.pid}".`,
    );
  }
}

async function waitForPlatform(directory, pid) {
  return poll('local platform', async () => {
    const platform = await readPlatform(directory);
    return platform?.pid === pid ? platform : undefined;
  });
}

async function waitForAnswer(name, url) {
  await poll(name, async () => {
    try {
      const response = await fetch(url, {
        signal: AbortSignal.timeout(60_000),
      });
      await response.arrayBuffer();
      return response.ok ? true : undefined;
    } catch {
      // Not listening yet.
      return undefined;
    }
  });
}

async function poll(name, look) {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== undefined) {
      return found;
    }
    await new Promise(resolve => setTimeout(resolve, 250));
  }
  throw new UserError(
    `The ${name} did not answer within ${
      READY_MS / 60_000
    } minutes: see its log.`,
  );
}

async function readPlatform(directory) {
  const path = join(directory, 'platform.json');
  if (!existsSync(path)) {
    return undefined;
  }
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    // Half written, or broken: the local platform writes it anew.
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
