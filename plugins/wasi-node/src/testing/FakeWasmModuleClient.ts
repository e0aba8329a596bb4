import { EventEmitter, once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import {
  ANNOTATION_ENTITY_REF,
  WASM_MODULE_API_VERSION,
  WASM_MODULE_KIND,
  WasiError,
  type KnativeRevision,
  type KnativeService,
  type LogLine,
  type ModuleEvent,
  type NamespaceQuota,
  type WasmModule,
  type WasmModuleStatus,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ClusterRequestOptions,
  ClusterWriteOptions,
  CompanionList,
  CompanionResource,
  CompanionWatchEvent,
  ModuleApplyOptions,
  ModuleList,
  ModuleName,
  ModuleSelection,
  ModuleWatchEvent,
  WasmModuleClient,
} from '../cluster';
import { applyMergePatch } from '../cluster/applyMergePatch';
import { matchLabelSelector } from '../cluster/matchLabelSelector';
import { pathSegment } from '../cluster/pathSegment';
import { FakeCompanions } from './FakeCompanions';
import { copy, ObjectHistory } from './ObjectHistory';

/**
 * A cluster in memory that behaves as an API server does: versions and
 * generations grow, a stale replace conflicts, apply is safe to repeat, a watch
 * resumes from a version and ends as EXPIRED where that is forgotten.
 *
 * Field managers are not kept, but an entity is refused the module of another
 * one; `conflictOnApply` plays another tool.
 *
 * @public
 */
export class FakeWasmModuleClient implements WasmModuleClient {
  readonly cluster: string;
  /** Set to make every call fail with it, as a dead cluster does. */
  down: WasiError | undefined;
  /** Set to make `apply` without `force` fail with it. */
  conflictOnApply: WasiError | undefined;
  /** Of every namespace. */
  namespaceQuotas: NamespaceQuota[] = [];
  /** Names of Knative Services that no module owns. */
  foreignServices: string[] = [];
  readonly #modules = new Map<string, WasmModule>();
  readonly #logs = new Map<string, string[]>();
  readonly #logged = new EventEmitter();
  readonly #companions = new FakeCompanions();
  readonly #history = new ObjectHistory<WasmModule>(
    (module, resourceVersion) => ({
      ...module,
      metadata: { ...module.metadata, resourceVersion },
    }),
  );

  constructor(cluster: string, modules: WasmModule[] = []) {
    this.cluster = cluster;
    for (const module of modules) {
      this.#add(module);
    }
  }

  /** Plays the controller. */
  setStatus(ref: ModuleName, status: WasmModuleStatus): WasmModule {
    const module = this.#need(ref);
    return this.#store('MODIFIED', { ...module, status });
  }

  /** Plays the controller: Ready for the current generation. */
  setReady(ref: ModuleName, url: string): WasmModule {
    return this.setStatus(ref, {
      observedGeneration: this.#need(ref).metadata.generation,
      address: { url },
      conditions: [{ type: 'Ready', status: 'True' }],
    });
  }

  setEvents(ref: ModuleName, events: ModuleEvent[]): void {
    this.#companions.setEvents(ref, events);
  }

  /** Plays Knative; absent is what was deleted. */
  setService(ref: ModuleName, service?: KnativeService): void {
    this.#companions.setService(ref, service);
  }

  /** Plays Knative. */
  setRevisions(ref: ModuleName, revisions: KnativeRevision[]): void {
    this.#companions.setRevisions(ref, revisions);
  }

  /** Makes a resource beside the modules fail with this, until it is set to nothing. */
  refuse(resource: CompanionResource, error: WasiError | undefined): void {
    this.#companions.refuse(resource, error);
  }

  setLogs(ref: ModuleName, lines: string[]): void {
    this.#logs.set(keyOf(ref), lines);
    this.#logged.emit('lines');
  }

  /** Forgets the past, so that a watch from before it has to list again. */
  expire(): void {
    this.#history.forget();
  }

  /** Cuts every open watch, as a restart of the API server does. */
  cutWatches(): void {
    const error = new WasiError('CLUSTER_UNREACHABLE', {
      message: `Cluster "${this.cluster}" cannot be reached: the connection was cut (ECONNRESET).`,
    });
    this.#history.cut(error);
    this.#companions.cut(error);
  }

  async list(
    options: ModuleSelection & ClusterRequestOptions = {},
  ): Promise<ModuleList> {
    this.#answer(options);
    return {
      items: [...this.#modules.values()].filter(selects(options)).map(copy),
      rejected: [],
      resourceVersion: String(this.#history.version),
    };
  }

  async get(
    ref: ModuleName,
    options: ClusterRequestOptions = {},
  ): Promise<WasmModule> {
    this.#answer(options);
    return copy(this.#need(ref));
  }

  async create(
    module: WasmModule,
    options: ClusterWriteOptions = {},
  ): Promise<WasmModule> {
    this.#answer(options);
    if (this.#modules.has(keyOf(nameOf(module)))) {
      throw new WasiError('MODULE_EXISTS', {
        message: `A WasmModule ${keyOf(nameOf(module))} exists.`,
      });
    }
    return options.dryRun ? copy(module) : this.#add(module);
  }

  async replace(
    module: WasmModule,
    options: ClusterWriteOptions = {},
  ): Promise<WasmModule> {
    this.#answer(options);
    const known = this.#need(nameOf(module));
    if (module.metadata.resourceVersion !== known.metadata.resourceVersion) {
      throw new WasiError('MODULE_CONFLICT', {
        message: `WasmModule ${keyOf(
          nameOf(module),
        )} was changed by somebody else in the meantime.`,
      });
    }
    return this.#change(known, module, options);
  }

  async patch(
    ref: ModuleName,
    mergePatch: object,
    options: ClusterWriteOptions = {},
  ): Promise<WasmModule> {
    this.#answer(options);
    const known = this.#need(ref);
    const patched = applyMergePatch(known, mergePatch) as WasmModule;
    requireVersion(known, patched.metadata.resourceVersion);
    return this.#change(known, patched, options);
  }

  async apply(
    module: WasmModule,
    options: ModuleApplyOptions = {},
  ): Promise<WasmModule> {
    this.#answer(options);
    if (this.conflictOnApply && !options.force) {
      throw this.conflictOnApply;
    }
    const known = this.#modules.get(keyOf(nameOf(module)));
    if (!known) {
      return options.dryRun ? copy(module) : this.#add(module);
    }
    requireUid(known, options.uid);
    requireVersion(known, options.resourceVersion);
    const { labels, annotations } = module.metadata;
    const owner = known.metadata.annotations?.[ANNOTATION_ENTITY_REF];
    // Each entity applies as a manager of its own.
    if (
      !options.force &&
      owner !== undefined &&
      owner !== annotations?.[ANNOTATION_ENTITY_REF]
    ) {
      throw new WasiError('FIELD_MANAGER_CONFLICT', {
        message: `${ANNOTATION_ENTITY_REF} of WasmModule ${keyOf(
          nameOf(module),
        )} is owned by another manager.`,
      });
    }
    return this.#change(
      known,
      {
        ...known,
        metadata: {
          ...known.metadata,
          ...(labels && { labels: { ...known.metadata.labels, ...labels } }),
          ...(annotations && {
            annotations: { ...known.metadata.annotations, ...annotations },
          }),
        },
        spec: module.spec,
      },
      options,
    );
  }

  async delete(
    ref: ModuleName,
    options: ClusterWriteOptions & { uid?: string } = {},
  ): Promise<void> {
    this.#answer(options);
    const known = this.#need(ref);
    requireUid(known, options.uid);
    if (!options.dryRun) {
      this.#modules.delete(keyOf(ref));
      this.#history.add('DELETED', known);
    }
  }

  async events(
    ref: ModuleName,
    options: ClusterRequestOptions = {},
  ): Promise<ModuleEvent[]> {
    this.#answer(options);
    return this.#companions.events(ref);
  }

  async logs(
    ref: ModuleName,
    options: ClusterRequestOptions & { tailLines?: number } = {},
  ): Promise<string[]> {
    this.#answer(options);
    return (this.#logs.get(keyOf(ref)) ?? []).slice(
      -(options.tailLines ?? 100),
    );
  }

  async followLogs(
    ref: ModuleName,
    options: { tailLines?: number; signal: AbortSignal },
  ): Promise<AsyncIterable<LogLine>> {
    const begin = await this.logs(ref, options);
    return this.#linesAfter(ref, begin, options.signal);
  }

  async *#linesAfter(
    ref: ModuleName,
    begin: string[],
    signal: AbortSignal,
  ): AsyncGenerator<LogLine, void, void> {
    for (const line of begin) {
      yield { line, source: 'module' };
    }
    let told = this.#logs.get(keyOf(ref))?.length ?? 0;
    while (!signal.aborted) {
      const lines = this.#logs.get(keyOf(ref)) ?? [];
      for (; told < lines.length; told += 1) {
        yield { line: lines[told], source: 'module' };
      }
      try {
        await once(this.#logged, 'lines', { signal });
      } catch {
        // Only the signal rejects here.
        return;
      }
    }
  }

  async *watch(
    options: ModuleSelection & {
      resourceVersion: string;
      signal?: AbortSignal;
    },
  ): AsyncGenerator<ModuleWatchEvent, void, void> {
    this.#answer(options);
    const from = Number(options.resourceVersion);
    if (this.#history.isForgotten(from)) {
      yield { type: 'EXPIRED' };
      return;
    }
    const selected = selects(options);
    for await (const change of this.#history.follow(from, options.signal)) {
      if (change.type === 'OPENED') {
        yield change;
      } else if (selected(change.object)) {
        yield { type: change.type, module: change.object };
      }
    }
  }

  async listCompanions(
    resource: CompanionResource,
    options: { namespace?: string; name?: string } & ClusterRequestOptions = {},
  ): Promise<CompanionList> {
    this.#answer(options);
    return this.#companions.list(resource, options);
  }

  async *watchCompanions(
    resource: CompanionResource,
    options: {
      namespace?: string;
      resourceVersion: string;
      signal?: AbortSignal;
    },
  ): AsyncGenerator<CompanionWatchEvent, void, void> {
    this.#answer(options);
    yield* this.#companions.watch(resource, options);
  }

  async hasForeignService(
    { name }: ModuleName,
    options: ClusterRequestOptions = {},
  ): Promise<boolean> {
    this.#answer(options);
    return this.foreignServices.includes(name);
  }

  async quotas(
    _namespace: string,
    options: ClusterRequestOptions = {},
  ): Promise<NamespaceQuota[]> {
    this.#answer(options);
    return copy(this.namespaceQuotas);
  }

  async latestVersion(
    resource: 'modules' | CompanionResource,
    options: { namespace?: string } & ClusterRequestOptions = {},
  ): Promise<string> {
    this.#answer(options);
    return resource === 'modules'
      ? String(this.#history.version)
      : this.#companions.list(resource, {}).resourceVersion;
  }

  #answer(options: { signal?: AbortSignal }): void {
    options.signal?.throwIfAborted();
    if (this.down) {
      throw this.down;
    }
  }

  #need(ref: ModuleName): WasmModule {
    const module = this.#modules.get(keyOf(ref));
    if (!module) {
      throw new WasiError('MODULE_NOT_FOUND', {
        message: `There is no WasmModule ${keyOf(ref)} on cluster "${
          this.cluster
        }".`,
      });
    }
    return module;
  }

  #add(module: WasmModule): WasmModule {
    return this.#store('ADDED', {
      ...module,
      apiVersion: WASM_MODULE_API_VERSION,
      kind: WASM_MODULE_KIND,
      metadata: {
        generation: 1,
        creationTimestamp: '2026-01-01T00:00:00Z',
        ...module.metadata,
        namespace: module.metadata.namespace ?? 'default',
        uid: `uid-${this.#history.version + 1}`,
      },
    });
  }

  #change(
    known: WasmModule,
    wanted: WasmModule,
    options: ClusterWriteOptions,
  ): WasmModule {
    requireUid(known, wanted.metadata.uid);
    const sameSpec = equal(known.spec, wanted.spec);
    const next: WasmModule = {
      ...wanted,
      metadata: {
        ...wanted.metadata,
        uid: known.metadata.uid,
        creationTimestamp: known.metadata.creationTimestamp,
        resourceVersion: known.metadata.resourceVersion,
        generation: (known.metadata.generation ?? 1) + (sameSpec ? 0 : 1),
      },
      // Status is a subresource: other writes leave it alone.
      status: known.status,
    };
    if (options.dryRun || equal(known, next)) {
      return copy(next);
    }
    return this.#store('MODIFIED', next);
  }

  #store(type: 'ADDED' | 'MODIFIED', module: WasmModule): WasmModule {
    const stored = this.#history.add(type, module);
    this.#modules.set(keyOf(nameOf(stored)), stored);
    return copy(stored);
  }
}

function requireUid(known: WasmModule, uid: string | undefined): void {
  if (uid && uid !== known.metadata.uid) {
    throw new WasiError('MODULE_CONFLICT', {
      message: `WasmModule ${keyOf(nameOf(known))} is another one by now.`,
    });
  }
}

function requireVersion(
  known: WasmModule,
  resourceVersion: string | undefined,
): void {
  if (resourceVersion && resourceVersion !== known.metadata.resourceVersion) {
    throw new WasiError('MODULE_CONFLICT', {
      message: `WasmModule ${keyOf(
        nameOf(known),
      )} was changed by somebody else in the meantime.`,
    });
  }
}

function selects(selection: ModuleSelection): (module: WasmModule) => boolean {
  const labels = selection.labelSelector
    ? matchLabelSelector(selection.labelSelector)
    : () => true;
  return ({ metadata }) =>
    (!selection.namespace || metadata.namespace === selection.namespace) &&
    (!selection.name || metadata.name === selection.name) &&
    labels(metadata.labels);
}

// Compared as JSON: what is undefined is absent.
function equal(a: object, b: object): boolean {
  return isDeepStrictEqual(
    JSON.parse(JSON.stringify(a)),
    JSON.parse(JSON.stringify(b)),
  );
}

function nameOf(module: WasmModule): ModuleName {
  return {
    namespace: module.metadata.namespace ?? 'default',
    name: module.metadata.name,
  };
}

function keyOf(ref: ModuleName): string {
  return `${pathSegment(ref.namespace)}/${pathSegment(ref.name)}`;
}
