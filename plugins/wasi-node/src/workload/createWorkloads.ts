import type { Config } from '@backstage/config';
import {
  ANNOTATION_ENTITY_REF,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import { chooseCluster } from '../cluster/ConfiguredClusters';
import { fieldManagerOf } from '../cluster/fieldManagerOf';
import { KubeConfigAccess } from '../cluster/KubeConfigAccess';
import { KubernetesConnection } from '../cluster/KubernetesConnection';
import { locateClusters } from '../cluster/locateClusters';
import { requireDirect } from '../cluster/LocatedCluster';
import { pathSegment } from '../cluster/pathSegment';
import { readJson } from '../cluster/readJson';
import { toClusterError } from '../cluster/toClusterError';
import type { WasiConfig } from '../config';
import type { WorkloadObject, Workloads } from './types';

const REQUEST_TIMEOUT_MS = 15_000;

/** Of each kind that a workload has. */
const PLURALS: Record<string, string> = {
  Deployment: 'deployments',
  NetworkPolicy: 'networkpolicies',
};

const objectSchema = z.object({
  metadata: z.object({
    uid: z.string().optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
});
type Found = z.output<typeof objectSchema>;

/**
 * Creates the place for workloads from the portal's configuration of clusters.
 *
 * @public
 */
export function createWorkloads(
  config: Config,
  wasiConfig: WasiConfig,
): Workloads {
  const clusters = locateClusters(config, wasiConfig);
  return {
    async deploy(options) {
      const cluster = requireDirect(chooseCluster(clusters, options.cluster));
      const connection = new KubernetesConnection({
        cluster: cluster.name,
        access: new KubeConfigAccess({
          cluster: cluster.name,
          loadKubeConfig: cluster.loadKubeConfig,
        }),
        timeoutMs: REQUEST_TIMEOUT_MS,
      });
      const { objects, entityRef, signal } = options;
      const present: (Found | undefined)[] = [];
      // All of them are looked at before the first one is written.
      for (const object of objects) {
        const found = await read(connection, object, signal);
        if (found) {
          requireOwner(object, found, entityRef);
        }
        present.push(found);
      }
      for (const [index, object] of objects.entries()) {
        const before = present[index];
        await apply(connection, object, {
          entityRef,
          // Fields of other tools are taken, and only from the object that was looked at.
          force: options.force && before !== undefined,
          uid: before?.metadata.uid,
          signal,
        });
      }
      return { cluster: cluster.name };
    },
  };
}

async function read(
  connection: KubernetesConnection,
  object: WorkloadObject,
  signal: AbortSignal | undefined,
): Promise<Found | undefined> {
  const answer = await connection.send({
    method: 'GET',
    path: pathOf(object),
    signal,
  });
  if (answer.status === 404) {
    return undefined;
  }
  return accept(connection, object, 'read', answer);
}

async function apply(
  connection: KubernetesConnection,
  object: WorkloadObject,
  options: {
    entityRef: string;
    force?: boolean;
    uid?: string;
    signal?: AbortSignal;
  },
): Promise<Found> {
  const answer = await connection.send({
    method: 'PATCH',
    path: pathOf(object),
    query: {
      // One for each entity: the API server itself refuses a second one the annotation.
      fieldManager: fieldManagerOf(options.entityRef),
      fieldValidation: 'Strict',
      force: options.force || undefined,
    },
    body: {
      ...object,
      metadata: { ...object.metadata, uid: options.uid },
    },
    contentType: 'application/apply-patch+yaml',
    signal: options.signal,
  });
  return accept(connection, object, 'apply', answer);
}

function accept(
  { cluster }: KubernetesConnection,
  object: WorkloadObject,
  verb: string,
  answer: Awaited<ReturnType<KubernetesConnection['send']>>,
): Found {
  if (answer.status < 200 || answer.status > 299) {
    throw toClusterError(answer, {
      cluster,
      verb: `${verb} ${object.kind}`,
      module: object.metadata,
    });
  }
  return readJson(answer, {
    schema: objectSchema,
    cluster,
    wanted: `a ${object.kind}`,
  });
}

function requireOwner(
  { kind, metadata }: WorkloadObject,
  found: Found,
  entityRef: string,
): void {
  const owner = found.metadata.annotations?.[ANNOTATION_ENTITY_REF];
  if (owner?.toLocaleLowerCase('en-US') !== entityRef) {
    throw new WasiError('MODULE_OWNED_BY_OTHER', {
      message: `${kind} ${metadata.namespace}/${metadata.name} ${
        owner === undefined
          ? `was not deployed for ${entityRef}: it has no annotation ${ANNOTATION_ENTITY_REF}`
          : `belongs to ${owner}, not to ${entityRef}`
      }.`,
      remedy: 'Choose another name.',
    });
  }
}

function pathOf({ apiVersion, kind, metadata }: WorkloadObject): string {
  return `/apis/${apiVersion}/namespaces/${pathSegment(metadata.namespace)}/${
    PLURALS[kind]
  }/${pathSegment(metadata.name)}`;
}
