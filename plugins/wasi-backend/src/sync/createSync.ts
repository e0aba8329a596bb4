import { setTimeout as delay } from 'node:timers/promises';
import type {
  AuthService,
  LoggerService,
  SchedulerService,
  UrlReaderService,
} from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type {
  Clusters,
  ImageVerifier,
  ModuleCache,
  PublicImages,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { Knex } from 'knex';
import { LatestChanges } from '../history/LatestChanges';
import type { ReportedLog } from '../history/types';
import { Branches } from './Branches';
import { HandChanges } from './HandChanges';
import { Outages } from './Outages';
import { ManifestProposals } from './pullRequests/ManifestProposals';
import { readSyncConfig } from './readSyncConfig';
import { Reconciler } from './Reconciler';
import { Removals } from './Removals';
import { RunLease } from './RunLease';
import { SourceReader } from './SourceReader';
import { SuspendingLog } from './SuspendingLog';
import { SyncControl } from './SyncControl';
import { SyncPolicy } from './SyncPolicy';
import { SyncReader } from './SyncReader';
import { SyncStore } from './SyncStore';
import { TargetSync } from './TargetSync';
import { WriteLimiter } from './WriteLimiter';

const TASK = 'wasi-sync';

/** Deploys from the catalog, put together. @internal */
export interface Sync {
  control: SyncControl;
  /** For what people change: it suspends the entity's deploys. */
  deployments: ReportedLog;
  /** Schedules the runs, where the configuration wants them. */
  start(): Promise<void>;
  /** Ends the run that is under way, so that another backend may go on at once. */
  stop(): Promise<void>;
}

/**
 * Puts deploys from the catalog together; see docs/catalog-driven-deploys.md.
 *
 * @internal
 */
export function createSync(options: {
  config: Config;
  catalog: CatalogService;
  auth: AuthService;
  logger: LoggerService;
  scheduler: SchedulerService;
  urlReader: UrlReaderService;
  /** Of the plugin's database, with its tables made. */
  knex: Knex;
  clusters: Clusters;
  cache: ModuleCache;
  images: PublicImages;
  verifier: ImageVerifier;
  deployments: ReportedLog;
  now?: () => Date;
  random?: () => number;
}): Sync {
  const { cache, deployments, logger, scheduler } = options;
  const config = readSyncConfig(options.config);
  const integrations = ScmIntegrations.fromConfig(options.config);
  const { now = () => new Date(), random = Math.random } = options;
  const outages = new Outages(now);
  const branches = new Branches({ integrations, now });
  const store = new SyncStore(options.knex);
  const wait = async (ms: number, signal: AbortSignal) => {
    await delay(ms, undefined, { signal, ref: false });
  };
  const lease = new RunLease({
    ...options,
    uptimeMs: () => performance.now(),
    wait,
  });
  const stopped = new AbortController();
  let running: Promise<unknown> | undefined;
  const reconciler = new Reconciler({
    ...options,
    integrations,
    branches,
    config,
    sources: new SourceReader(options.urlReader),
    targets: new TargetSync({
      ...options,
      policy: new SyncPolicy(config.allow),
      store,
      handChanges: new HandChanges({
        ...options,
        changes: new LatestChanges(options.knex),
        store,
        now,
      }),
      limiter: new WriteLimiter({
        perSecond: config.writesPerSecond,
        now,
        wait,
      }),
      outages,
      proposals: new ManifestProposals({ ...config, branches, now }),
    }),
    outages,
    removals: new Removals({ ...options, store, config }),
    store,
    now,
    random,
  });
  return {
    control: new SyncControl({
      reader: new SyncReader({ store, cache, config }),
      store,
      start: () => {
        scheduler.triggerTask(TASK).catch(error => {
          // One that runs already looks for new requests at its end.
          if (error.name !== 'ConflictError') {
            logger.warn('Deploys from the catalog could not be started', error);
          }
        });
      },
      now,
    }),
    deployments: config.enabled
      ? new SuspendingLog({ log: deployments, store, logger, now })
      : deployments,
    async start() {
      if (!config.enabled) {
        return;
      }
      if (config.allow.length === 0) {
        logger.warn(
          'wasi.sync.enabled is set and wasi.sync.allow names nothing, so nothing is deployed from the catalog.',
        );
      }
      await scheduler.scheduleTask({
        ...config.schedule,
        id: TASK,
        // One of all replicas runs it, by the lease.
        scope: 'local',
        fn: async signal => {
          const run = lease.run({
            isAsked: async () => (await store.requests()).size > 0,
            work: async held => {
              await cache.settled(
                AbortSignal.any([held, AbortSignal.timeout(5_000)]),
              );
              await reconciler.run(held);
            },
            signal: AbortSignal.any([signal, stopped.signal]),
          });
          // How it ends is the scheduler's to tell.
          running = run.catch(() => {});
          await run;
        },
      });
    },
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
