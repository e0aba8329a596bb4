import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from './children.mjs';
import { toolchainsDirectory } from './ensureToolchains.mjs';
import { readPlatform } from './platformFile.mjs';
import { checkPorts } from './ports.mjs';
import { root } from './root.mjs';
import { UserError } from './UserError.mjs';

const READY_MS = 300_000;
const TRANSFORM = join(
  root,
  'node_modules/@backstage/cli-node/config/nodeTransform.cjs',
);

/**
 * Starts local platform, backend and frontend, and resolves once the portal answers
 * and its catalog has the templates.
 *
 * @param temporary - folder for temporary files, see `recordStart`.
 * @returns `failed` rejects when one of them ends by itself. Stop them with `stopChildren()`.
 */
export async function startPortal({
  directory,
  ports,
  temporary = join(directory, 'tmp'),
  log = console.log,
  environment = process.env,
}) {
  await checkPorts(ports);
  const failures = [];
  const watch = child => {
    failures.push(
      child.exited.then(() => {
        throw new UserError(
          [
            `The ${
              child.name
            } ${child.ending()}, so the portal stops. Its last lines were:`,
            ...child.tail().map(line => `  ${line}`),
            `The whole output is in ${child.logFile}.`,
            'Start again with "npm start": nothing is lost, and template runs go on where they were.',
          ].join('\n'),
        );
      }),
    );
    // Looked at by whoever waits below; unhandled would be too late by then.
    failures.at(-1).catch(() => {});
    return child;
  };
  const orFailure = wait => Promise.race([wait, ...failures]);

  log('Starting the local platform …');
  const { ready } = watch(
    startPlatform({ directory, temporary, ports, environment }),
  );
  const platform = await orFailure(ready());
  log(`  Kubernetes API ${platform.kubernetes.server}`);
  log(`  registry       ${platform.registry.host}`);
  log(`  git host       ${platform.git.baseUrl}`);

  log('Starting the backend and the frontend …');
  const env = await portalEnvironment({
    directory,
    platform,
    ports,
    environment,
  });
  const backend = watch(startBackend({ directory, temporary, ports, env }));
  const frontend = watch(startFrontend({ directory, temporary, ports, env }));
  await orFailure(Promise.all([backend.ready(), frontend.ready()]));
  return {
    url: frontend.url,
    backendUrl: backend.url,
    platform,
    failed: Promise.race(failures),
  };
}

/** The local platform alone; `ready()` resolves to what its `platform.json` says. */
export function startPlatform({ directory, temporary, ports, environment }) {
  const child = start('local platform', {
    directory,
    temporary,
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
  return { ...child, ready: () => waitForPlatform(directory, child.pid) };
}

/** The backend alone; `ready()` resolves once its catalog has the templates. */
export function startBackend({ directory, temporary, ports, env }) {
  const url = `http://localhost:${ports.backend}`;
  const child = start('backend', {
    directory,
    temporary,
    args: ['--enable-source-maps', '--require', TRANSFORM, 'src'],
    cwd: join(root, 'packages/backend'),
    env: { ...env, NODE_ENV: 'development' },
  });
  return {
    ...child,
    url,
    async ready() {
      await waitForAnswer('backend', `${url}/.backstage/health/v1/readiness`);
      await waitForTemplates(url);
    },
  };
}

function startFrontend({ directory, temporary, ports, env }) {
  const url = `http://localhost:${ports.portal}`;
  const child = start('frontend', {
    directory,
    temporary,
    args: [
      join(root, 'node_modules/@backstage/cli/bin/backstage-cli'),
      'package',
      'start',
    ],
    cwd: join(root, 'packages/app'),
    env: { ...env, BROWSER: 'none' },
  });
  return { ...child, url, ready: () => waitForAnswer('frontend', url) };
}

function start(name, { directory, temporary, ...options }) {
  return {
    name,
    ...startChild({
      command: process.execPath,
      temporary: join(temporary, name.replace(' ', '-')),
      logFile: join(directory, 'logs', `${name}.log`),
      ...options,
    }),
  };
}

/** What backend and frontend run in: app-config.yaml reads most of it. */
export async function portalEnvironment({
  directory,
  platform,
  ports,
  environment,
}) {
  const { git, kubernetes, registry } = platform;
  return {
    ...environment,
    WASI_PORTAL_URL: `http://localhost:${ports.portal}`,
    WASI_BACKEND_URL: `http://localhost:${ports.backend}`,
    WASI_BACKEND_PORT: `${ports.backend}`,
    WASI_DATABASE_DIRECTORY: join(directory, 'db'),
    WASI_WORKSPACES_DIRECTORY: join(directory, 'workspaces'),
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

/** A backend answers before its catalog has read anything: the page would offer no template. */
async function waitForTemplates(backendUrl) {
  const expected = (await readdir(join(root, 'templates'))).filter(name =>
    existsSync(join(root, 'templates', name, 'template.yaml')),
  );
  await poll('catalog', async () => {
    try {
      const signIn = await fetch(`${backendUrl}/api/auth/guest/refresh`, {
        method: 'POST',
        signal: AbortSignal.timeout(60_000),
      });
      const { backstageIdentity } = await signIn.json();
      const answer = await fetch(
        `${backendUrl}/api/catalog/entities?filter=kind=template&fields=metadata.name`,
        {
          headers: { authorization: `Bearer ${backstageIdentity.token}` },
          signal: AbortSignal.timeout(60_000),
        },
      );
      const templates = await answer.json();
      return templates.length >= expected.length ? true : undefined;
    } catch {
      // Not all of the backend answers yet.
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
