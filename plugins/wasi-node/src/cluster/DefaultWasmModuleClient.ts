import {
  FIELD_MANAGER,
  WASM_MODULE_API_VERSION,
  WASM_MODULE_GROUP,
  WASM_MODULE_KIND,
  WASM_MODULE_PLURAL,
  WASM_MODULE_VERSION,
  WasiError,
  type ModuleEvent,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import type {
  KubernetesAnswer,
  KubernetesConnection,
  KubernetesRequest,
} from './KubernetesConnection';
import { pathSegment } from './pathSegment';
import { readEvents } from './readEvents';
import { readJson } from './readJson';
import { readModuleRow } from './readModuleRow';
import { readPodLogs } from './readPodLogs';
import { toClusterError } from './toClusterError';
import type {
  ClusterRequestOptions,
  ClusterWriteOptions,
  ModuleApplyOptions,
  ModuleList,
  ModuleName,
  ModuleSelection,
  ModuleWatchEvent,
  WasmModuleClient,
} from './types';
import { watchModules } from './watchModules';

const PAGE_SIZE = 500;
const MAX_PAGES = 100;

const listSchema = z.object({
  metadata: z.object({
    resourceVersion: z.string().default(''),
    continue: z.string().optional(),
  }),
  items: z
    .array(z.unknown())
    .nullable()
    .transform(items => items ?? []),
});

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

  async list(
    options: ModuleSelection & ClusterRequestOptions = {},
  ): Promise<ModuleList> {
    const list: ModuleList = { items: [], rejected: [], resourceVersion: '' };
    const read = (page: { limit?: number; continue?: string }) =>
      this.#connection.send({
        method: 'GET',
        path: modulesPath(options.namespace),
        query: { ...selectionQuery(options), ...page },
        signal: options.signal,
      });
    let page: string | undefined;
    let pages = 0;
    do {
      let answer = await read({ limit: PAGE_SIZE, continue: page });
      if (answer.status === 410 && page) {
        // The rest of the list was forgotten meanwhile. In one piece it cannot be:
        // https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
        answer = await read({});
        list.items = [];
        list.rejected = [];
      }
      page = this.#addPage(answer, list);
      pages += 1;
      if (page && pages === MAX_PAGES) {
        throw new WasiError('CLUSTER_UNEXPECTED', {
          message: `Cluster "${this.cluster}" sends a list of WasmModules that does not end.`,
        });
      }
    } while (page);
    return list;
  }

  /** Answers what continues the list. */
  #addPage(answer: KubernetesAnswer, list: ModuleList): string | undefined {
    const { items, metadata } = readJson(
      this.#accepted(answer, { verb: 'list WasmModules' }),
      {
        schema: listSchema,
        cluster: this.cluster,
        wanted: 'a list of WasmModules',
      },
    );
    for (const row of items) {
      // Rows of a list carry no kind of their own on some API servers.
      const read = readModuleRow(withKind(row), this.cluster);
      if ('module' in read) {
        list.items.push(read.module);
      } else {
        list.rejected.push(read.rejected);
      }
    }
    list.resourceVersion = metadata.resourceVersion;
    return metadata.continue || undefined;
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

  watch(
    options: ModuleSelection & {
      resourceVersion: string;
      signal?: AbortSignal;
    },
  ): AsyncIterable<ModuleWatchEvent> {
    return watchModules(this.#connection, {
      path: modulesPath(options.namespace),
      query: selectionQuery(options),
      resourceVersion: options.resourceVersion,
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

function writeQuery(options: ClusterWriteOptions) {
  return {
    fieldManager: FIELD_MANAGER,
    // Says which field a typing mistake is in, instead of dropping it.
    fieldValidation: 'Strict',
    dryRun: options.dryRun ? 'All' : undefined,
  };
}
