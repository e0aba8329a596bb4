import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import type { KubernetesConnection } from './KubernetesConnection';
import type { KubernetesResource } from './KubernetesResource';
import { toClusterError } from './toClusterError';

// The API server ends the watch after this. A new one each minute costs it
// little, and one that hangs is noticed soon, wherever it hangs.
const WATCH_SECONDS = 60;
const SILENCE_MS = (WATCH_SECONDS + 15) * 1000;

/** What one watch connection tells of a resource. @internal */
export type ResourceWatchEvent<T> =
  | { type: 'OPENED' }
  | {
      type: 'ADDED' | 'MODIFIED' | 'DELETED';
      /** Absent for a row of which nothing is kept. */
      kept: T | undefined;
      resourceVersion: string | undefined;
    }
  | { type: 'BOOKMARK'; resourceVersion: string }
  | { type: 'EXPIRED' };

/**
 * One watch connection, from a resource version on until the API server ends it.
 *
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 *
 * @internal
 */
export async function* watchResource<T>(
  connection: KubernetesConnection,
  options: {
    resource: KubernetesResource<T>;
    namespace?: string;
    query?: Record<string, string | undefined>;
    resourceVersion: string;
    signal?: AbortSignal;
  },
): AsyncGenerator<ResourceWatchEvent<T>, void, void> {
  const { resource } = options;
  const { cluster } = connection;
  const events = connection.stream({
    method: 'GET',
    path: resource.path(options.namespace),
    query: {
      ...options.query,
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: options.resourceVersion,
      timeoutSeconds: WATCH_SECONDS,
    },
    signal: options.signal,
    idleMs: SILENCE_MS,
  });
  for await (const event of events) {
    switch (event.type) {
      case 'opened':
        yield { type: 'OPENED' };
        break;
      case 'refused':
        if (event.answer.status !== 410) {
          throw toClusterError(event.answer, {
            cluster,
            verb: `watch ${resource.label}`,
            resource: resource.label,
          });
        }
        yield { type: 'EXPIRED' };
        return;
      default: {
        const told = readLine(event.line, { cluster, resource });
        yield told;
        if (told.type === 'EXPIRED') {
          return;
        }
      }
    }
  }
}

const lineSchema = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']),
  object: z.unknown(),
});

const versionSchema = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
});

const errorSchema = z.object({
  code: z.number().optional(),
  message: z.string().optional(),
});

function readLine<T>(
  line: string,
  from: { cluster: string; resource: KubernetesResource<T> },
): ResourceWatchEvent<T> {
  const { cluster, resource } = from;
  const { type, object } = parseLine(line, cluster);
  const version =
    versionSchema.safeParse(object).data?.metadata.resourceVersion;
  switch (type) {
    case 'BOOKMARK':
      // A bookmark without a version says nothing; listing again is always right.
      return version ? { type, resourceVersion: version } : { type: 'EXPIRED' };
    case 'ERROR': {
      const status = errorSchema.safeParse(object).data;
      if (status?.code === 410) {
        return { type: 'EXPIRED' };
      }
      throw new WasiError('CLUSTER_UNEXPECTED', {
        message: `Cluster "${cluster}" ended the watch of ${resource.label}: ${
          status?.message ?? 'no reason given'
        }.`,
      });
    }
    default:
      return { type, kept: resource.read(object), resourceVersion: version };
  }
}

function parseLine(line: string, cluster: string): z.infer<typeof lineSchema> {
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch {
    // Not skipped: what was lost is unknown, so the follower must list again.
    throw new WasiError('CLUSTER_UNEXPECTED', {
      message: `Cluster "${cluster}" sent a watch line that is no event.`,
    });
  }
}
