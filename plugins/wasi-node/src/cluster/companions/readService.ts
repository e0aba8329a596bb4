import { WASM_MODULE_GROUP } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import { conditionsSchema } from './conditionsSchema';
import type { Companion } from './types';

const serviceSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string().optional(),
    resourceVersion: z.string().optional(),
    generation: z.number().optional(),
    ownerReferences: z
      .array(
        z.object({
          apiVersion: z.string(),
          kind: z.string(),
          name: z.string(),
        }),
      )
      .optional(),
  }),
  status: z
    .object({
      observedGeneration: z.number().optional(),
      conditions: conditionsSchema,
      latestCreatedRevisionName: z.string().optional(),
      latestReadyRevisionName: z.string().optional(),
    })
    .optional(),
});

/** What a Knative Service tells of the module that owns it. @internal */
export function readService(row: unknown): Companion | undefined {
  const parsed = serviceSchema.safeParse(row);
  if (!parsed.success) {
    // A Service that cannot be read takes away a reason, and nothing else.
    return undefined;
  }
  const { metadata, status } = parsed.data;
  const owner = metadata.ownerReferences?.find(
    ({ apiVersion, kind }) =>
      kind === 'WasmModule' && apiVersion.startsWith(`${WASM_MODULE_GROUP}/`),
  );
  return (
    owner && {
      namespace: metadata.namespace,
      name: owner.name,
      id: metadata.name,
      resourceVersion: metadata.resourceVersion,
      tells: {
        service: {
          uid: metadata.uid,
          generation: metadata.generation,
          observedGeneration: status?.observedGeneration,
          conditions: status?.conditions ?? [],
          latestCreatedRevision: status?.latestCreatedRevisionName,
          latestReadyRevision: status?.latestReadyRevisionName,
        },
      },
    }
  );
}
