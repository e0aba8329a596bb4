import {
  FIELD_MANAGER,
  WASM_MODULE_API_VERSION,
  WASM_MODULE_GROUP,
  WASM_MODULE_KIND,
  WASM_MODULE_PLURAL,
  WASM_MODULE_VERSION,
  WasiError,
  type LogLine,
  type ModuleEvent,
  type NamespaceQuota,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import {
  companionResources,
  hasForeignService,
  SERVICE_LABEL,
  type Companion,
  type CompanionList,
  type CompanionResource,
  type CompanionWatchEvent,
} from './companions';
import type {
  KubernetesAnswer,
  KubernetesConnection,
  KubernetesRequest,
} from './KubernetesConnection';
import type { KubernetesResource } from './KubernetesResource';
import { listResource, readLatestVersion } from './listResource';
import { followPodLogs } from './logs/followPodLogs';
import { readPodLogs } from './logs/readPodLogs';
import { pathSegment } from './pathSegment';
import { readEvents } from './readEvents';
import { readJson } from './readJson';
import { readModuleRow } from './readModuleRow';
import { readQuotas } from './readQuotas';
import { toClusterError } from './toClusterError';
import type {
  ClusterRequestOptions,
  ClusterWriteOptions,
  ModuleApplyOptions,
  ModuleList,
  ModuleName,
  ModuleSelection,
  ModuleWatchEvent,
  RejectedModule,
  WasmModuleClient,
} from './types';
import { watchResource } from './watchResource';

/**
 * WasmModules over the Kubernetes API.
 *
 * Calls use the credentials that are configured for the cluster, not those of
 * the portal's user; the caller of the plugin is judged by its permissions.
 *
 * @internal
 */
export class DefaultWasmModuleClient implements WasmModuleClient {
  readonly cluster: string;
  readonly #connection: KubernetesConnection;

  constructor(connection: KubernetesConnection) {
    this.cluster = connection.cluster;
    this.#connection = connection;
  }

  get clockAheadMs(): number | undefined {
    return this.#connection.clockAheadMs;
  }

  async list(
    options: ModuleSelection &
      ClusterRequestOptions & {
        keep?: (module: WasmModule) => WasmModule;
      } = {},
  ): Promise<ModuleList> {
    const { namespace, keep, signal } = options;
    const rejected: RejectedModule[] = [];
    const list = await listResource(this.#connection, {
      resource: modulesOf(this.cluster, keep),
      namespace,
      query: selectionQuery(options),
      signal,
    });
    const items: WasmModule[] = [];
    for (const row of list.items) {
      if ('module' in row) {
        items.push(row.module);
      } else {
        rejected.push(row.rejected);
      }
    }
    return { items, rejected, resourceVersion: list.resourceVersion };
  }

  async get(
    ref: ModuleName,
    options: ClusterRequestOptions = {},
  ): Promise<WasmModule> {
    return this.#module(
      { method: 'GET', path: modulePath(ref), signal: options.signal },
      { verb: 'read WasmModule', module: ref },
    );
  }

  async create(
    module: WasmModule,
    options: ClusterWriteOptions = {},
  ): Promise<WasmModule> {
    const ref = nameOf(module);
    return this.#module(
      {
        method: 'POST',
        path: modulesPath(ref.namespace),
        query: writeQuery(options),
        body: module,
        signal: options.signal,
      },
      { verb: 'create WasmModule', module: ref },
    );
  }

  async replace(
    module: WasmModule,
    options: ClusterWriteOptions = {},
  ): Promise<WasmModule> {
    const ref = nameOf(module);
    return this.#module(
      {
        method: 'PUT',
        path: modulePath(ref),
        query: writeQuery(options),
        body: module,
        signal: options.signal,
      },
      { verb: 'replace WasmModule', module: ref },
    );
  }

  async patch(
    ref: ModuleName,
    mergePatch: object,
    options: ClusterWriteOptions = {},
  ): Promise<WasmModule> {
    return this.#module(
      {
        method: 'PATCH',
        path: modulePath(ref),
        query: writeQuery(options),
        body: mergePatch,
        contentType: 'application/merge-patch+json',
        signal: options.signal,
      },
      { verb: 'patch WasmModule', module: ref },
    );
  }

  async apply(
    module: WasmModule,
    options: ModuleApplyOptions = {},
  ): Promise<WasmModule> {
    const ref = nameOf(module);
    return this.#module(
      {
        method: 'PATCH',
        path: modulePath(ref),
        query: {
          ...writeQuery(options),
          fieldManager: options.fieldManager ?? FIELD_MANAGER,
          force: options.force || undefined,
        },
        body: applied(module, options),
        // JSON is YAML, and the API server knows apply by this type alone:
        // https://kubernetes.io/docs/reference/using-api/server-side-apply/
        contentType: 'application/apply-patch+yaml',
        signal: options.signal,
      },
      { verb: 'apply WasmModule', module: ref },
    );
  }

  async delete(
    ref: ModuleName,
    options: ClusterWriteOptions & { uid?: string } = {},
  ): Promise<void> {
    await this.#send(
      {
        method: 'DELETE',
        path: modulePath(ref),
        // Here and not in the query, which a request with a body is not asked for.
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          dryRun: options.dryRun ? ['All'] : undefined,
          preconditions: options.uid ? { uid: options.uid } : undefined,
        },
        signal: options.signal,
      },
      { verb: 'delete WasmModule', module: ref },
    );
  }

  async events(
    ref: ModuleName,
    options: ClusterRequestOptions & { uid?: string } = {},
  ): Promise<ModuleEvent[]> {
    return readEvents(this.#connection, { ref, ...options });
  }

  async logs(
    ref: ModuleName,
    options: ClusterRequestOptions & { tailLines?: number } = {},
  ): Promise<string[]> {
    return readPodLogs(this.#connection, { ref, ...options });
  }

  followLogs(
    ref: ModuleName,
    options: { tailLines?: number; signal: AbortSignal },
  ): Promise<AsyncIterable<LogLine>> {
    return followPodLogs(this.#connection, { ref, ...options });
  }

  async *watch(
    options: ModuleSelection & {
      resourceVersion: string;
      signal?: AbortSignal;
    },
  ): AsyncGenerator<ModuleWatchEvent, void, void> {
    const events = watchResource(this.#connection, {
      resource: modulesOf(this.cluster),
      namespace: options.namespace,
      query: selectionQuery(options),
      resourceVersion: options.resourceVersion,
      signal: options.signal,
    });
    for await (const event of events) {
      if (!('kept' in event)) {
        yield event;
      } else if (event.kept) {
        yield 'module' in event.kept
          ? { type: event.type, module: event.kept.module }
          : {
              type: 'REJECTED',
              rejected: event.kept.rejected,
              deleted: event.type === 'DELETED',
              resourceVersion: event.resourceVersion,
            };
      }
    }
  }

  async listCompanions(
    resource: CompanionResource,
    options: { namespace?: string; name?: string } & ClusterRequestOptions = {},
  ): Promise<CompanionList> {
    const { namespace, name, signal } = options;
    return listResource(this.#connection, {
      resource: companionsOf(resource, name),
      namespace,
      query: companionQuery(resource, name),
      signal,
    });
  }

  watchCompanions(
    resource: CompanionResource,
    options: {
      namespace?: string;
      resourceVersion: string;
      signal?: AbortSignal;
    },
  ): AsyncIterable<CompanionWatchEvent> {
    return watchResource(this.#connection, {
      resource: companionResources[resource],
      ...options,
    });
  }

  hasForeignService(
    ref: ModuleName,
    options: ClusterRequestOptions = {},
  ): Promise<boolean> {
    return hasForeignService(this.#connection, ref, options);
  }

  quotas(
    namespace: string,
    options: ClusterRequestOptions = {},
  ): Promise<NamespaceQuota[]> {
    return readQuotas(this.#connection, { namespace, ...options });
  }

  latestVersion(
    resource: 'modules' | CompanionResource,
    options: { namespace?: string } & ClusterRequestOptions = {},
  ): Promise<string> {
    return readLatestVersion(this.#connection, {
      resource:
        resource === 'modules'
          ? modulesOf(this.cluster)
          : companionResources[resource],
      namespace: options.namespace,
      signal: options.signal,
    });
  }

  async #module(
    request: KubernetesRequest,
    about: { verb: string; module: ModuleName },
  ): Promise<WasmModule> {
    const row = readJson(await this.#send(request, about), {
      schema: z.looseObject({}),
      cluster: this.cluster,
      wanted: 'a WasmModule',
    });
    const read = readModuleRow(row, this.cluster);
    if ('module' in read) {
      return read.module;
    }
    throw new WasiError('CLUSTER_UNEXPECTED', {
      message: read.rejected.finding.message,
      findings: [read.rejected.finding],
    });
  }

  async #send(
    request: KubernetesRequest,
    about: { verb: string; module?: ModuleName },
  ): Promise<KubernetesAnswer> {
    return this.#accepted(await this.#connection.send(request), about);
  }

  #accepted(
    answer: KubernetesAnswer,
    about: { verb: string; module?: ModuleName },
  ): KubernetesAnswer {
    if (answer.status < 200 || answer.status > 299) {
      throw toClusterError(answer, { cluster: this.cluster, ...about });
    }
    return answer;
  }
}

/** Rows of a list carry no kind of their own on some API servers. */
function modulesOf(
  cluster: string,
  keep: (module: WasmModule) => WasmModule = module => module,
): KubernetesResource<{ module: WasmModule } | { rejected: RejectedModule }> {
  return {
    label: 'WasmModules',
    path: modulesPath,
    read(row) {
      const read = readModuleRow(withKind(row), cluster);
      return 'module' in read ? { module: keep(read.module) } : read;
    },
  };
}

function withKind(row: unknown): unknown {
  return typeof row === 'object' && row !== null
    ? { apiVersion: WASM_MODULE_API_VERSION, kind: WASM_MODULE_KIND, ...row }
    : row;
}

// What the API server sets itself must not be sent with an apply; uid and
// resourceVersion are sent as conditions.
function applied(
  module: WasmModule,
  { uid, resourceVersion }: ModuleApplyOptions,
): object {
  const { name, namespace, labels, annotations } = module.metadata;
  return {
    apiVersion: WASM_MODULE_API_VERSION,
    kind: WASM_MODULE_KIND,
    metadata: { name, namespace, labels, annotations, uid, resourceVersion },
    spec: module.spec,
  };
}

function nameOf(module: WasmModule): ModuleName {
  return {
    namespace: module.metadata.namespace ?? 'default',
    name: module.metadata.name,
  };
}

function modulesPath(namespace?: string): string {
  const scope = namespace ? `/namespaces/${pathSegment(namespace)}` : '';
  return `/apis/${WASM_MODULE_GROUP}/${WASM_MODULE_VERSION}${scope}/${WASM_MODULE_PLURAL}`;
}

function modulePath(ref: ModuleName): string {
  return `${modulesPath(ref.namespace)}/${pathSegment(ref.name)}`;
}

function selectionQuery(selection: ModuleSelection) {
  return {
    labelSelector: selection.labelSelector,
    fieldSelector:
      selection.name && `metadata.name=${pathSegment(selection.name)}`,
  };
}

function companionsOf(
  resource: CompanionResource,
  name: string | undefined,
): KubernetesResource<Companion> {
  const all = companionResources[resource];
  return name === undefined
    ? all
    : {
        ...all,
        read: row => {
          const kept = all.read(row);
          return kept?.name === name ? kept : undefined;
        },
      };
}

/** Events of pods name the pod alone, so they come whole. */
function companionQuery(resource: CompanionResource, name: string | undefined) {
  if (name === undefined || resource === 'events') {
    return undefined;
  }
  return resource === 'services'
    ? { fieldSelector: `metadata.name=${pathSegment(name)}` }
    : { labelSelector: `${SERVICE_LABEL}=${pathSegment(name)}` };
}

function writeQuery(options: ClusterWriteOptions) {
  return {
    fieldManager: FIELD_MANAGER,
    // Says which field a typing mistake is in, instead of dropping it.
    fieldValidation: 'Strict',
    dryRun: options.dryRun ? 'All' : undefined,
  };
}
