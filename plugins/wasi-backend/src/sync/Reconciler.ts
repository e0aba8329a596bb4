import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import type { ScmIntegrationRegistry } from '@backstage/integration';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  ANNOTATION_AUTO_DEPLOY,
  catalogue,
  isWasiError,
  readSyncRequest,
  WasiError,
  type SyncRequest,
  type SyncRequestTarget,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { WorkQueue } from '../services/WorkQueue';
import type { Branches } from './Branches';
import { keyOf } from './keyOf';
import { recordOf } from './recordOf';
import { locateFuncYaml } from './locateFuncYaml';
import type { Outages } from './Outages';
import type { SyncConfig } from './readSyncConfig';
import type { Removals } from './Removals';
import type { Source, SourceReader } from './SourceReader';
import type { SyncRecord, SyncStore } from './SyncStore';
import type { TargetSync } from './TargetSync';

const ENTITY_TIMEOUT_MS = 120_000;
const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 10 * 60_000;
/** Requests that come while a run is under way are taken up by the same run. */
const MAX_PASSES = 5;
const FIELDS = [
  'apiVersion',
  'kind',
  'metadata.namespace',
  'metadata.name',
  'metadata.annotations',
  'relations',
];

interface Pass {
  known: Map<string, SyncRecord[]>;
  requests: Map<string, string>;
  signal: AbortSignal;
  /** Environments that had not changed. */
  unchanged: SyncRecord[];
}

/**
 * Keeps what runs in step with the func.yaml of each entity that asks for it.
 *
 * One run looks at every entity once; an entity that fails is left alone until
 * its back-off has passed, and keeps nobody else waiting.
 *
 * @internal
 */
export class Reconciler {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #logger: LoggerService;
  readonly #integrations: ScmIntegrationRegistry;
  readonly #config: SyncConfig;
  readonly #branches: Branches;
  readonly #sources: SourceReader;
  readonly #targets: TargetSync;
  readonly #removals: Removals;
  readonly #outages: Outages;
  readonly #store: SyncStore;
  readonly #now: () => Date;
  readonly #random: () => number;

  constructor(options: {
    catalog: CatalogService;
    auth: AuthService;
    logger: LoggerService;
    integrations: ScmIntegrationRegistry;
    config: SyncConfig;
    branches: Branches;
    sources: SourceReader;
    targets: TargetSync;
    removals: Removals;
    outages: Outages;
    store: SyncStore;
    now: () => Date;
    random: () => number;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#logger = options.logger;
    this.#integrations = options.integrations;
    this.#config = options.config;
    this.#branches = options.branches;
    this.#sources = options.sources;
    this.#targets = options.targets;
    this.#removals = options.removals;
    this.#outages = options.outages;
    this.#store = options.store;
    this.#now = options.now;
    this.#random = options.random;
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#all(await this.#startPass(signal));
    for (let passes = 1; passes < MAX_PASSES; passes += 1) {
      const pass = await this.#startPass(signal);
      if (pass.requests.size === 0 || signal.aborted) {
        return;
      }
      await this.#requested(pass);
    }
  }

  async #startPass(signal: AbortSignal): Promise<Pass> {
    const [records, requests] = await Promise.all([
      this.#store.all(),
      this.#store.requests(),
    ]);
    const known = new Map<string, SyncRecord[]>();
    for (const record of records) {
      known.set(record.entity, [...(known.get(record.entity) ?? []), record]);
    }
    return { known, requests, signal, unchanged: [] };
  }

  /** Every entity that asks to be deployed. */
  async #all(pass: Pass): Promise<void> {
    const asked = new Set<string>();
    try {
      const pages = this.#catalog.streamEntities(
        {
          filter: {
            [`metadata.annotations.${ANNOTATION_AUTO_DEPLOY}`]: 'true',
          },
          fields: FIELDS,
        },
        { credentials: await this.#auth.getOwnServiceCredentials() },
      );
      for await (const page of pages) {
        pass.signal.throwIfAborted();
        await this.#entities(page, pass, asked);
      }
      await this.#removals.count({
        records: [...pass.known.values()].flat(),
        asked,
        signal: pass.signal,
      });
      await this.#requestsDone(pass);
    } finally {
      await this.#looked(pass);
    }
  }

  /** Only the entities that somebody waits for. */
  async #requested(pass: Pass): Promise<void> {
    const entityRefs = [...pass.requests.keys()];
    const { items } = await this.#catalog.getEntitiesByRefs(
      { entityRefs, fields: FIELDS },
      { credentials: await this.#auth.getOwnServiceCredentials() },
    );
    await this.#entities(
      items.filter(entity => entity !== undefined),
      pass,
      new Set(),
    );
    await this.#looked(pass);
    await this.#requestsDone(pass);
  }

  async #looked(pass: Pass): Promise<void> {
    await this.#store.looked(pass.unchanged, this.#now().toISOString());
  }

  async #requestsDone(pass: Pass): Promise<void> {
    for (const [entity, requestedAt] of pass.requests) {
      await this.#store.requestDone(entity, requestedAt);
    }
  }

  async #entities(
    entities: Entity[],
    pass: Pass,
    asked: Set<string>,
  ): Promise<void> {
    const queue = new WorkQueue(this.#config.concurrency);
    await Promise.all(
      entities.map(entity =>
        queue.run(async () => {
          const request = readSyncRequest(entity);
          if (request.asked) {
            const entityRef = stringifyEntityRef(entity);
            const environments = [
              ...request.targets,
              // What cannot be read is no wish to be left alone.
              ...(request.findings.length > 0
                ? pass.known.get(entityRef) ?? []
                : []),
            ];
            environments.forEach(({ environment }) =>
              asked.add(keyOf(entityRef, environment)),
            );
            await this.#entity(entity, request, pass);
          }
        }),
      ),
    );
  }

  async #entity(
    entity: Entity,
    request: SyncRequest,
    pass: Pass,
  ): Promise<void> {
    const entityRef = stringifyEntityRef(entity);
    const records = pass.known.get(entityRef) ?? [];
    const requested = pass.requests.has(entityRef);
    const signal = AbortSignal.any([
      pass.signal,
      AbortSignal.timeout(ENTITY_TIMEOUT_MS),
    ]);
    // Read once, and only if an environment is due.
    let reading: Promise<Source> | undefined;
    const read = async ({ overlay }: SyncRequestTarget) => {
      reading ??= this.#read(entity, request, signal);
      const base = await reading;
      return overlay === undefined
        ? base
        : this.#guarded(entity, overlay, signal, url =>
            this.#sources.readOverlaid(base, url, signal),
          );
    };
    for (const target of request.targets) {
      const previous = records.find(
        ({ environment }) => environment === target.environment,
      );
      await this.#target({
        entity,
        target,
        previous,
        requested,
        read,
        pass,
        signal,
      });
    }
  }

  async #read(
    entity: Entity,
    request: SyncRequest,
    signal: AbortSignal,
  ): Promise<Source> {
    const [finding] = request.findings;
    if (finding) {
      throw new WasiError(finding.code, {
        message: request.findings.map(({ message }) => message).join(' '),
        remedy: finding.remedy,
        findings: request.findings,
      });
    }
    return this.#guarded(entity, request.funcYaml, signal, url =>
      this.#sources.read(url, signal),
    );
  }

  async #guarded(
    entity: Entity,
    path: string,
    signal: AbortSignal,
    read: (url: string) => Promise<Source>,
  ): Promise<Source> {
    const url = await locateFuncYaml({
      entity,
      path,
      integrations: this.#integrations,
      branches: this.#branches,
      signal,
    });
    return this.#outages.guard(`source ${new URL(url).host}`, () => read(url));
  }

  async #target(job: {
    entity: Entity;
    target: SyncRequestTarget;
    previous?: SyncRecord;
    requested: boolean;
    read: (target: SyncRequestTarget) => Promise<Source>;
    pass: Pass;
    signal: AbortSignal;
  }): Promise<void> {
    const { target, previous, requested, signal } = job;
    const mode =
      this.#config.environments[target.environment]?.mode ??
      target.mode ??
      'apply';
    let source: Source | undefined;
    let record: SyncRecord;
    try {
      const waits = !requested && this.#waits(previous);
      // A repaired func.yaml does not wait for the back-off of the broken one.
      if (waits && previous?.source.revision === undefined) {
        return;
      }
      source = await job.read(target);
      if (waits && previous?.source.revision === source.revision) {
        return;
      }
      const outcome = await this.#targets.look({ ...job, mode, source });
      if (!outcome) {
        job.pass.unchanged.push(previous!);
        return;
      }
      record = {
        ...recordOf({ ...job, source, at: this.#now() }),
        nextRunAt: undefined,
        ...outcome,
        mode,
        failures: 0,
      };
    } catch (error) {
      job.pass.signal.throwIfAborted();
      const failures = (previous?.failures ?? 0) + 1;
      record = {
        ...recordOf({ ...job, source, at: this.#now() }),
        ...this.#explain(error, signal),
        mode,
        failures,
        nextRunAt: this.#nextTry(failures),
      };
    }
    await this.#store.save(record);
    this.#tell(record, previous);
  }

  #waits(previous: SyncRecord | undefined): boolean {
    return (
      previous?.nextRunAt !== undefined &&
      previous.failures > 0 &&
      previous.nextRunAt > this.#now().toISOString()
    );
  }

  #explain(
    error: unknown,
    signal: AbortSignal,
  ): Pick<SyncRecord, 'state' | 'message' | 'code' | 'remedy'> {
    if (isWasiError(error)) {
      const { message, code, remedy } = error;
      return { state: 'failed', message, code, remedy };
    }
    if (signal.aborted) {
      return {
        state: 'failed',
        code: 'SYNC_TIMEOUT',
        message: `The deploy took longer than ${ENTITY_TIMEOUT_MS / 1000} s.`,
        remedy: catalogue.SYNC_TIMEOUT.remedy,
      };
    }
    this.#logger.error('A deploy from the catalog failed', error as Error);
    return {
      state: 'failed',
      code: 'SYNC_FAILED',
      message: 'The deploy failed for a reason that the log of the portal has.',
      remedy: catalogue.SYNC_FAILED.remedy,
    };
  }

  #nextTry(failures: number): string {
    const full = Math.min(
      FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 16),
      LONGEST_RETRY_MS,
    );
    return new Date(
      this.#now().getTime() + full * (1 - this.#random() / 2),
    ).toISOString();
  }

  #tell(record: SyncRecord, previous: SyncRecord | undefined): void {
    const { entity, environment, state, message, nextRunAt } = record;
    const [then, now] = [previous?.ref, record.ref].map(
      ref => ref && `${ref.cluster}/${ref.namespace}/${ref.name}`,
    );
    if (previous?.deployed && then !== now) {
      this.#logger.info(
        `WasmModule ${then} was left as it is: ${environment} of ${entity} is ${now} by now.`,
      );
    }
    if (state === previous?.state && message === previous.message) {
      return;
    }
    const line = `Deploy from the catalog of ${entity} to ${environment}: ${state}. ${message}`;
    if (state === 'failed') {
      this.#logger.warn(`${line} Next try: ${nextRunAt}.`);
    } else {
      this.#logger.info(line);
    }
  }
}
