import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import type { KubernetesConnection } from './KubernetesConnection';
import { readModuleRow } from './readModuleRow';
import { toClusterError } from './toClusterError';
import type { ModuleWatchEvent } from './types';

// The API server ends the watch after this. A new one each minute costs it
// little, and one that hangs is noticed soon, wherever it hangs.
const WATCH_SECONDS = 60;
const SILENCE_MS = (WATCH_SECONDS + 15) * 1000;

/**
 * One watch connection, from a resource version on until the API server ends it.
 *
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 *
 * @internal
 */
export async function* watchModules(
  connection: KubernetesConnection,
  options: {
    path: string;
    query: Record<string, string | undefined>;
    resourceVersion: string;
    signal?: AbortSignal;
  },
): AsyncGenerator<ModuleWatchEvent, void, void> {
  const events = connection.stream({
    method: 'GET',
    path: options.path,
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
            cluster: connection.cluster,
            verb: 'watch WasmModules',
          });
        }
        yield { type: 'EXPIRED' };
        return;
      default: {
        const told = readLine(event.line, connection.cluster);
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

function readLine(line: string, cluster: string): ModuleWatchEvent {
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
        message: `Cluster "${cluster}" ended the watch of WasmModules: ${
          status?.message ?? 'no reason given'
        }.`,
      });
    }
    default: {
      const read = readModuleRow(object, cluster);
      return 'module' in read
        ? { type, module: read.module }
        : {
            type: 'REJECTED',
            rejected: read.rejected,
            deleted: type === 'DELETED',
            resourceVersion: version,
          };
    }
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
