import { z } from 'zod';
import { conditionsSchema } from './conditionsSchema';
import type { Companion } from './types';

/** Label of a Revision with the name of its Service. @internal */
export const SERVICE_LABEL = 'serving.knative.dev/service';
const GENERATION = 'serving.knative.dev/configurationGeneration';
/** The controller gives the runner all that it needs to know in this variable. */
const RUNNER_VARIABLE = 'WASI_CONFIG';

const revisionSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    resourceVersion: z.string().optional(),
    labels: z.record(z.string(), z.string()),
  }),
  spec: z.object({
    containers: z.array(
      z.object({
        env: z.array(z.object({ name: z.string() })).optional(),
      }),
    ),
  }),
  status: z.object({ conditions: conditionsSchema }).optional(),
});

/**
 * What a Knative Revision tells of a module. It names its Service alone; that it
 * runs the runner shows that the Service is a module's.
 *
 * @internal
 */
export function readRevision(row: unknown): Companion | undefined {
  const parsed = revisionSchema.safeParse(row);
  if (!parsed.success) {
    // Without labels or containers it is no Revision of a Service.
    return undefined;
  }
  const { metadata, spec, status } = parsed.data;
  const name = metadata.labels[SERVICE_LABEL];
  const runsModule = spec.containers.some(({ env }) =>
    env?.some(variable => variable.name === RUNNER_VARIABLE),
  );
  if (!name || !runsModule) {
    return undefined;
  }
  const generation = Number(metadata.labels[GENERATION]);
  return {
    namespace: metadata.namespace,
    name,
    id: metadata.name,
    resourceVersion: metadata.resourceVersion,
    tells: {
      revision: {
        name: metadata.name,
        generation: Number.isInteger(generation) ? generation : undefined,
        conditions: status?.conditions ?? [],
      },
    },
  };
}
