import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isWasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { startLocalPlatform } from './startLocalPlatform';

const USAGE = `Usage: wasi-local-platform [options]

Runs a Kubernetes API, an OCI registry, a git host and a WASI runner until Ctrl-C.

  --directory <path>         where its state is kept (default: .local)
  --toolchains <path>        installed toolchains (default: WASI_TOOLCHAINS_DIRECTORY, else .toolchains)
  --kubernetes-port <port>   default: 7443
  --registry-port <port>     default: 7450
  --git-port <port>          default: 7460
  --module-ports <a>-<b>     ports that modules are served on (default: 7500-7999)
  --limit-outgoing-http      keep outgoing HTTP to network.tcp.connect, which a cluster's runner does not
  --help`;

/**
 * The command line of the local platform.
 *
 * @internal
 */
export async function main(args: string[]): Promise<void> {
  try {
    const options = readArguments(args);
    if (!options) {
      process.stdout.write(`${USAGE}\n`);
      return;
    }
    await run(options);
  } catch (error) {
    process.stderr.write(`${sentence(error)}\n`);
    process.exit(1);
  }
}

async function run(
  options: Parameters<typeof startLocalPlatform>[0],
): Promise<void> {
  const platform = await startLocalPlatform(options);
  const { git, kubernetes, registry } = platform.file;
  const stop = () => {
    platform.close().then(
      () => process.exit(0),
      error => {
        process.stderr.write(`${sentence(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  process.stdout.write(
    [
      `Kubernetes API  ${kubernetes.server}`,
      `Registry        ${registry.host}`,
      `Git host        ${git.baseUrl}`,
      `kubectl         KUBECONFIG=${kubernetes.kubeconfig}`,
      `Outgoing HTTP   ${
        options.limitOutgoingHttp
          ? 'kept to network.tcp.connect, unlike on a cluster'
          : 'not limited by network rules, as on a cluster'
      }`,
      '',
    ].join('\n'),
  );
}

function readArguments(
  args: string[],
): Parameters<typeof startLocalPlatform>[0] | undefined {
  const { values } = parseArgs({
    args,
    options: {
      directory: { type: 'string', default: '.local' },
      toolchains: { type: 'string' },
      'kubernetes-port': { type: 'string' },
      'registry-port': { type: 'string' },
      'git-port': { type: 'string' },
      'module-ports': { type: 'string' },
      'limit-outgoing-http': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    return undefined;
  }
  const [first, last] = (values['module-ports'] ?? '').split('-');
  return {
    directory: resolve(values.directory),
    toolchainsDirectory: resolve(
      values.toolchains ??
        process.env.WASI_TOOLCHAINS_DIRECTORY ??
        join(process.cwd(), '.toolchains'),
    ),
    limitOutgoingHttp: values['limit-outgoing-http'],
    ports: {
      kubernetes: port(values['kubernetes-port'], '--kubernetes-port'),
      registry: port(values['registry-port'], '--registry-port'),
      git: port(values['git-port'], '--git-port'),
      modules: values['module-ports']
        ? {
            first: requiredPort(first, '--module-ports'),
            last: requiredPort(last, '--module-ports'),
          }
        : undefined,
    },
  };
}

function port(text: string | undefined, option: string): number | undefined {
  return text === undefined ? undefined : requiredPort(text, option);
}

function requiredPort(text: string | undefined, option: string): number {
  const number = Number(text);
  if (!text || !Number.isInteger(number) || number < 0 || number > 65535) {
    throw new Error(`${option} "${text ?? ''}" is not a port.\n\n${USAGE}`);
  }
  return number;
}

function sentence(error: unknown): string {
  if (isWasiError(error)) {
    return `${error.message} ${error.remedy}`;
  }
  return error instanceof Error ? error.message : String(error);
}
