import type {
  LifecycleService,
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import { wireHistory, type HistoryParts } from './HistoryParts';
import { readHistoryConfig } from './readHistoryConfig';

const DATABASE_TIMEOUT_MS = 5_000;
const DEADLINE_MS = 30 * 60 * 1000;

/** What the rest of the plugin uses of the history. @internal */
export type CreatedHistory = Pick<HistoryParts, 'reader' | 'createReports'> & {
  log: HistoryParts['recorder'];
  /** To be called with what the cache has heard of. */
  changed: HistoryParts['history']['changed'];
  /** To be called with what a user's own token has shown. */
  seen: HistoryParts['history']['seen'];
};

/**
 * The deploy history in the plugin's own database.
 *
 * @internal
 */
export async function createHistory(
  options: Pick<
    Parameters<typeof wireHistory>[0],
    'clusters' | 'cache' | 'health' | 'knex'
  > & {
    config: Config;
    scheduler: SchedulerService;
    lifecycle: LifecycleService;
    logger: LoggerService;
  },
): Promise<CreatedHistory> {
  const { lifecycle, logger, scheduler } = options;
  const { history, recorder, reader, createReports, cleanup } = wireHistory({
    ...options,
    config: readHistoryConfig(options.config),
    now: () => new Date(),
    uptimeMs: () => performance.now(),
    databaseTimeoutMs: DATABASE_TIMEOUT_MS,
    deadlineMs: DEADLINE_MS,
  });
  await scheduler.scheduleTask({
    id: 'wasi-history-cleanup',
    frequency: { hours: 6 },
    initialDelay: { minutes: 5 },
    timeout: { minutes: 30 },
    scope: 'global',
    fn: async signal => {
      const removed = await cleanup.run(signal);
      logger.info(`Removed ${removed} old deployments from the history`);
    },
  });
  lifecycle.addStartupHook(() => history.start());
  lifecycle.addShutdownHook(() => history.stop());
  return {
    log: recorder,
    reader,
    createReports,
    changed: refs => history.changed(refs),
    seen: items => history.seen(items),
  };
}
