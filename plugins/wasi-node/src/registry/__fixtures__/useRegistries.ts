import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RegistryConfig } from '../../config';
import {
  createModuleRegistry,
  type ModuleRegistryOptions,
} from '../createModuleRegistry';
import type { PushModuleOptions } from '../types';
import { configWith, writeModule, type ModuleOnDisk } from './modules';
import {
  startScriptedRegistry,
  type Exchange,
  type Interception,
  type ScriptedRegistry,
} from './scriptedRegistry';

type Hosts = string | (Partial<RegistryConfig> & { host: string })[];

/** Upload of a blob, as against its announcement and the manifest. */
export const isBlobPut = ({ method, url }: Pick<Exchange, 'method' | 'url'>) =>
  method === 'PUT' && url.pathname.includes('/blobs/uploads/');

export const isBlobGet = ({ method, url }: Pick<Exchange, 'method' | 'url'>) =>
  method === 'GET' && url.pathname.includes('/blobs/');

/** What the registry was asked, with this method. */
export const sent = (registry: ScriptedRegistry, method: string) =>
  registry.seen.filter(request => request.method === method);

/** `METHOD /path` of each request, without the query. */
export const requests = (registry: ScriptedRegistry) =>
  registry.seen.map(({ method, path }) => `${method} ${path.split('?')[0]}`);

/** For hosts that need not exist. */
export const resolveAllTo = (address: string) =>
  ((
    _: string,
    __: unknown,
    found: (error: null, addresses: unknown[]) => void,
  ) =>
    found(null, [
      { address, family: 4 },
    ])) as unknown as ModuleRegistryOptions['resolve'];

/**
 * For the tests of the `describe` that calls it: a new module on disk for each,
 * and registries that are closed after it.
 */
export function useRegistries() {
  const module = {} as ModuleOnDisk;
  /** What clients waited for instead of waiting. */
  const pauses: number[] = [];
  const closing: (() => Promise<unknown>)[] = [];

  beforeEach(() => {
    Object.assign(module, writeModule());
    pauses.length = 0;
  });

  afterEach(async () => {
    await Promise.all(closing.splice(0).map(close => close()));
    module.remove();
  });

  /** The module becomes one of this size. */
  function resizeModule(size: number) {
    module.remove();
    Object.assign(module, writeModule(size));
  }

  async function start(
    intercept?: Interception,
    tls?: { key: string; cert: string },
  ): Promise<ScriptedRegistry> {
    const registry = await startScriptedRegistry(intercept, tls);
    closing.push(() => registry.close());
    return registry;
  }

  const clientOf = (hosts: Hosts, options?: ModuleRegistryOptions) =>
    createModuleRegistry(
      configWith(typeof hosts === 'string' ? [{ host: hosts }] : hosts),
      {
        pause: async ms => {
          pauses.push(ms);
        },
        ...options,
      },
    );

  const pushOptions = (host: string): PushModuleOptions => ({
    path: module.path,
    reference: `${host}/team/hello:1.0`,
    inspection: module.inspection,
    annotations: { b: '2', a: '1' },
    created: '2026-01-02T03:04:05Z',
  });

  /** Pushes the module as `team/hello:1.0`, with a client of its own. */
  function push(
    { host }: { host: string },
    {
      client,
      account,
      ...changes
    }: Partial<PushModuleOptions> & {
      client?: ModuleRegistryOptions;
      account?: { username: string; password: string };
    } = {},
  ) {
    return clientOf([{ host, ...account }], client).push({
      ...pushOptions(host),
      ...changes,
    });
  }

  /** A module in a registry that then gives its blob as `answer` does. */
  async function startPull(answer: (exchange: Exchange) => boolean | void) {
    const ranges: (string | undefined)[] = [];
    const registry = await start(exchange => {
      if (!isBlobGet(exchange)) {
        return false;
      }
      ranges.push(exchange.request.headers.range);
      return answer(exchange);
    });
    const pushed = await push(registry);
    const target = join(module.directory, 'pulled.wasm');
    return {
      registry,
      pushed,
      /** Of each request for the blob. */
      ranges,
      pull: (options?: ModuleRegistryOptions, maxBytes = 1_000_000) =>
        clientOf(registry.host, options).pull(pushed.image, target, {
          maxBytes,
        }),
      pulled: () => readFileSync(target).equals(module.bytes),
      files: () => readdirSync(module.directory),
    };
  }

  return {
    module,
    pauses,
    closing,
    resizeModule,
    start,
    startPull,
    clientOf,
    pushOptions,
    push,
  };
}
