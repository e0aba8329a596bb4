import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import type {
  KubernetesAnswer,
  KubernetesConnection,
} from './KubernetesConnection';
import type { KubernetesResource } from './KubernetesResource';
import { readJson } from './readJson';
import { toClusterError } from './toClusterError';

const PAGE_SIZE = 500;
const MAX_PAGES = 400;

const pageSchema = z.object({
  metadata: z.object({
    resourceVersion: z.string().default(''),
    continue: z.string().optional(),
  }),
  items: z
    .array(z.unknown())
    .nullable()
    .transform(items => items ?? []),
});

/** What a list kept of its rows. @internal */
export interface ResourceList<T> {
  items: T[];
  /** Where a watch takes over. */
  resourceVersion: string;
}

/**
 * Lists a resource page by page; of each page only what is kept outlives it.
 *
 * @internal
 */
export async function listResource<T>(
  connection: KubernetesConnection,
  options: {
    resource: KubernetesResource<T>;
    namespace?: string;
    query?: Record<string, string | undefined>;
    signal?: AbortSignal;
  },
): Promise<ResourceList<T>> {
  const { resource, namespace, query, signal } = options;
  const { cluster } = connection;
  const list: ResourceList<T> = { items: [], resourceVersion: '' };
  const read = (page: { limit?: number; continue?: string }) =>
    connection.send({
      method: 'GET',
      path: resource.path(namespace),
      query: { ...query, ...page },
      signal,
    });
  /** Answers what continues the list. */
  const addPage = (answer: KubernetesAnswer): string | undefined => {
    if (answer.status !== 200) {
      throw toClusterError(answer, {
        cluster,
        verb: `list ${resource.label}`,
        resource: resource.label,
      });
    }
    const { items, metadata } = readJson(answer, {
      schema: pageSchema,
      cluster,
      wanted: `a list of ${resource.label}`,
    });
    for (const row of items) {
      const kept = resource.read(row);
      if (kept !== undefined) {
        list.items.push(kept);
      }
    }
    list.resourceVersion = metadata.resourceVersion;
    return metadata.continue || undefined;
  };
  let next: string | undefined;
  for (let pages = 1; ; pages += 1) {
    let answer = await read({ limit: PAGE_SIZE, continue: next });
    if (answer.status === 410 && next) {
      // The rest of the list was forgotten meanwhile. In one piece it cannot be:
      // https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
      answer = await read({});
      list.items = [];
    }
    next = addPage(answer);
    if (!next) {
      return list;
    }
    if (pages === MAX_PAGES) {
      throw new WasiError('CLUSTER_UNEXPECTED', {
        message: `Cluster "${cluster}" sends a list of ${resource.label} that does not end.`,
      });
    }
  }
}

/**
 * The version that a resource has come to, at the price of one row.
 *
 * @internal
 */
export async function readLatestVersion(
  connection: KubernetesConnection,
  options: {
    resource: KubernetesResource<unknown>;
    namespace?: string;
    signal?: AbortSignal;
  },
): Promise<string> {
  const { resource, namespace, signal } = options;
  const { cluster } = connection;
  const answer = await connection.send({
    method: 'GET',
    path: resource.path(namespace),
    query: { limit: 1 },
    signal,
  });
  if (answer.status !== 200) {
    throw toClusterError(answer, {
      cluster,
      verb: `list ${resource.label}`,
      resource: resource.label,
    });
  }
  return readJson(answer, {
    schema: pageSchema,
    cluster,
    wanted: `a list of ${resource.label}`,
  }).metadata.resourceVersion;
}
