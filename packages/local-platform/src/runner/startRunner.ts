import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createModuleEngine,
  createToolchains,
  type ModuleEngine,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { LogSource, ObjectStore } from '../kubernetes';
import { ArtifactCache } from './ArtifactCache';
import type { ControllerContext } from './ControllerContext';
import { ModuleController } from './ModuleController';
import { ModuleLogs } from './ModuleLogs';
import { ModuleRecords } from './ModuleRecords';
import { StartQueue } from './StartQueue';

const STARTS_AT_ONCE = 2;
/** As the kubelet. */
const DEFAULT_RETRY_AFTER_MS = 10_000;
const DEFAULT_CACHE_BYTES = 2 * 1024 ** 3;

/**
 * How a runner is started.
 *
 * @public
 */
export interface RunnerOptions {
  store: ObjectStore;
  /** Modules, translated modules and ports are kept here; may be deleted while it is stopped. */
  directory: string;
  toolchainsDirectory: string;
  /** Registries that are spoken to by plain HTTP, as `host[:port]`. */
  insecureRegistries: string[];
  /** Each module has a port of its own; 0 to 0 takes any free one. */
  ports: { first: number; last: number };
  /** Default: one that runs modules with jco of `toolchainsDirectory`. */
  engine?: ModuleEngine;
  /** Until a start that failed is tried again; doubled each time, to 5 minutes. Default: 10 000. */
  retryAfterMs?: number;
  /** Keeps outgoing HTTP to `network.tcp.connect`, which the real runner does not. Default: false. */
  limitOutgoingHttp?: boolean;
  /** Bytes of modules that no WasmModule runs and that are kept all the same. Default: 2 GiB. */
  cacheBytes?: number;
  now?: () => Date;
  /** Told of failures that are nobody's module. Default: writes to stderr. */
  onError?: (error: unknown) => void;
}

/**
 * A runner at work.
 *
 * @public
 */
export interface Runner {
  logSource: LogSource;
  close(): Promise<void>;
}

/**
 * Runs the WasmModules of an API on this machine, and tells of them what the
 * real controller and runner would tell.
 *
 * @public
 */
export async function startRunner(options: RunnerOptions): Promise<Runner> {
  const { store, directory } = options;
  await mkdir(directory, { recursive: true });
  const toolchains = createToolchains({
    toolchains: { directory: options.toolchainsDirectory, paths: {} },
  });
  const engine =
    options.engine ??
    createModuleEngine({
      jco: toolchains.jco,
      cacheDirectory: join(directory, 'prepared'),
    });
  const onError =
    options.onError ?? (error => process.stderr.write(`${error}\n`));
  const artifacts = new ArtifactCache({
    engine,
    directories: {
      modules: join(directory, 'modules'),
      prepared: join(directory, 'prepared'),
    },
    insecureRegistries: options.insecureRegistries,
    maxBytes: options.cacheBytes ?? DEFAULT_CACHE_BYTES,
    onError,
  });
  const now = options.now ?? (() => new Date());
  const logs = new ModuleLogs(join(directory, 'logs'), now);
  const records = new ModuleRecords(join(directory, 'records'));
  await records.load();
  const context: ControllerContext = {
    store,
    engine,
    artifacts,
    logs,
    records,
    starts: new StartQueue(STARTS_AT_ONCE),
    directory,
    insecureRegistries: options.insecureRegistries,
    limitOutgoingHttp: options.limitOutgoingHttp ?? false,
    ports: options.ports,
    retryAfterMs: options.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS,
    now,
    onError,
  };
  await removeLeftovers(context);

  const controllers = new Map<string, ModuleController>();
  const ending = new Map<string, Promise<void>>();
  const end = store.watch<WasmModule>('wasmmodules', ({ type, object }) => {
    const { name, namespace = 'default', deletionTimestamp } = object.metadata;
    const key = `${namespace}/${name}`;
    const controller = controllers.get(key);
    if (type === 'DELETED' || deletionTimestamp) {
      controllers.delete(key);
      if (controller) {
        const ended = controller.removed().catch(context.onError);
        ending.set(key, ended);
      }
      return;
    }
    if (controller) {
      controller.changed(object);
      return;
    }
    const before = ending.get(key);
    ending.delete(key);
    const created = new ModuleController(context, { namespace, name, before });
    controllers.set(key, created);
    created.changed(object);
  });

  return {
    logSource: logs,
    async close() {
      end();
      await Promise.all([...ending.values()]);
      await Promise.all(
        [...controllers.values()].map(controller => controller.stop()),
      );
      await artifacts.settled();
      await engine.close();
    },
  };
}

/** A platform that was killed left pods, volumes, half downloads and records of what is gone. */
async function removeLeftovers(context: ControllerContext): Promise<void> {
  const { store, records, directory, artifacts, logs } = context;
  await artifacts.removePartial();
  for (const { metadata } of store.list('pods')) {
    if (metadata.labels?.['serving.knative.dev/service']) {
      store.delete('pods', metadata.namespace ?? 'default', metadata.name);
    }
  }
  await rm(join(directory, 'volumes'), { recursive: true, force: true });
  for (const { namespace, name } of records.names()) {
    if (!store.get('wasmmodules', namespace, name)) {
      await records.delete(namespace, name);
    }
  }
  await logs.keepOnly(records.pods());
}
