import { z } from 'zod';
import type { KubernetesConnection } from '../KubernetesConnection';
import { pathSegment } from '../pathSegment';
import { readJson } from '../readJson';
import { toClusterError } from '../toClusterError';
import type { ModuleName } from '../types';

const MAX_PODS = 5;

const podListSchema = z.object({
  items: z
    .array(
      z.object({
        metadata: z.object({
          name: z.string(),
          creationTimestamp: z.string().nullish(),
        }),
      }),
    )
    .nullable(),
});

/** The newest pods of a module, newest first. @internal */
export async function listPods(
  connection: KubernetesConnection,
  options: { ref: ModuleName; signal?: AbortSignal },
): Promise<string[]> {
  const { ref, signal } = options;
  const answer = await connection.send({
    method: 'GET',
    path: `/api/v1/namespaces/${pathSegment(ref.namespace)}/pods`,
    // Knative labels the pods of a Service so: https://knative.dev/docs/serving/
    query: {
      labelSelector: `serving.knative.dev/service=${pathSegment(ref.name)}`,
    },
    signal,
  });
  if (answer.status !== 200) {
    throw toClusterError(answer, {
      cluster: connection.cluster,
      verb: 'read the pods of WasmModule',
      module: ref,
    });
  }
  const { items } = readJson(answer, {
    schema: podListSchema,
    cluster: connection.cluster,
    wanted: 'a list of pods',
  });
  return (items ?? [])
    .sort((a, b) =>
      (b.metadata.creationTimestamp ?? '').localeCompare(
        a.metadata.creationTimestamp ?? '',
      ),
    )
    .slice(0, MAX_PODS)
    .map(pod => pod.metadata.name);
}
