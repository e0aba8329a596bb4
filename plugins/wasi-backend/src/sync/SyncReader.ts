import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import {
  catalogue,
  deriveHealth,
  readSyncRequest,
  type Finding,
  type SyncRequestTarget,
  type SyncTargetView,
  type SyncView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ModuleCache } from '@wasi-functions/backstage-plugin-wasi-node';
import { fingerprintOf } from './compareModule';
import type { SyncConfig } from './readSyncConfig';
import type { SyncRecord, SyncStore } from './SyncStore';

/**
 * Tells how the deploys of an entity from the catalog stand.
 *
 * Whether what was applied is ready is read off the watch cache, so that nobody
 * has to wait for it.
 *
 * @internal
 */
export class SyncReader {
  readonly #store: SyncStore;
  readonly #cache: Pick<ModuleCache, 'get' | 'problems'>;
  readonly #config: Pick<SyncConfig, 'enabled' | 'environments'>;

  constructor(options: {
    store: SyncStore;
    cache: Pick<ModuleCache, 'get' | 'problems'>;
    config: Pick<SyncConfig, 'enabled' | 'environments'>;
  }) {
    this.#store = options.store;
    this.#cache = options.cache;
    this.#config = options.config;
  }

  async view(entity: Entity): Promise<SyncView> {
    const entityRef = stringifyEntityRef(entity);
    const request = readSyncRequest(entity);
    const [records, suspended] = await Promise.all([
      this.#store.of(entityRef),
      this.#store.suspension(entityRef),
    ]);
    const enabled = request.asked && this.#config.enabled;
    const findings: Finding[] = [...request.findings];
    if (request.asked && !this.#config.enabled) {
      findings.push({
        code: 'SYNC_DISABLED',
        severity: 'error',
        message:
          'The entity asks to be deployed, and this portal deploys nothing from the catalog.',
        remedy: catalogue.SYNC_DISABLED.remedy,
      });
    }
    const asked = request.asked ? request.targets : [];
    const left = records.filter(
      ({ environment }) =>
        !asked.some(target => target.environment === environment),
    );
    return {
      enabled,
      findings,
      targets: [
        ...asked.map(target =>
          this.#target(
            entity,
            target,
            records.find(
              ({ environment }) => environment === target.environment,
            ),
          ),
        ),
        ...left.map(toView),
      ],
      ...(suspended && { suspended }),
    };
  }

  #target(
    entity: Entity,
    target: SyncRequestTarget,
    record: SyncRecord | undefined,
  ): SyncTargetView {
    const { environment } = target;
    if (!record) {
      return {
        environment,
        ref: {
          cluster: target.cluster ?? '',
          namespace: target.namespace ?? '',
          name: entity.metadata.name,
        },
        mode:
          this.#config.environments[environment]?.mode ??
          target.mode ??
          'apply',
        state: 'unknown',
        message: 'Not looked at yet.',
        source: { url: '' },
        drift: [],
      };
    }
    return { ...toView(record), ...this.#now(record) };
  }

  /** What the watch knows beyond the last look. */
  #now(record: SyncRecord): Partial<SyncTargetView> {
    const { ref, mode, state } = record;
    if (state !== 'in-step' || mode === 'pull-request') {
      return {};
    }
    if (this.#cache.problems().some(({ cluster }) => cluster === ref.cluster)) {
      return {};
    }
    const module = this.#cache.get(ref)?.module;
    if (!module) {
      return {
        state: 'drifted',
        message: 'The module is not in the cluster any more.',
      };
    }
    if (fingerprintOf(module) !== record.liveFingerprint) {
      return {
        state: 'progressing',
        message: 'What runs has changed since it was last looked at.',
      };
    }
    const { state: health, message, code, remedy } = deriveHealth(module);
    switch (health) {
      case 'failed':
        return { state: 'failed', message, code, remedy };
      case 'progressing':
      case 'unknown':
        return { state: 'progressing', message };
      default:
        // What runs is in step, however well it runs: the module's own status tells that.
        return {};
    }
  }
}

function toView(record: SyncRecord): SyncTargetView {
  const { pullRequestUrl, source } = record;
  return {
    environment: record.environment,
    ref: record.ref,
    mode: record.mode,
    state: record.state,
    message: record.message,
    ...(record.code && { code: record.code }),
    ...(record.remedy && { remedy: record.remedy }),
    source,
    drift: record.drift,
    ...(pullRequestUrl && { pullRequest: { url: pullRequestUrl } }),
    ...(record.managedBy && { managedBy: record.managedBy }),
    ...(record.lastRunAt && { lastRunAt: record.lastRunAt }),
    ...(record.nextRunAt && { nextRunAt: record.nextRunAt }),
  };
}
