import { z } from 'zod';
import type { WasmModule } from './types';

const textMap = z.record(z.string(), z.string());
const texts = z.array(z.string());
const quantities = z.record(z.string(), z.union([z.string(), z.number()]));
const keySelector = z.looseObject({
  name: z.string().optional(),
  key: z.string(),
  optional: z.boolean().optional(),
});

/**
 * A WasmModule as a cluster of any version may hold it: what we read is
 * checked, what we do not know is kept.
 *
 * @public
 */
export const wasmModuleSchema: z.ZodType<WasmModule> = z.looseObject({
  apiVersion: z.string().regex(/^wasm\.serving\.knative\.dev\//),
  kind: z.literal('WasmModule'),
  metadata: z.looseObject({
    name: z.string().min(1),
    namespace: z.string().optional(),
    uid: z.string().optional(),
    resourceVersion: z.string().optional(),
    generation: z.number().optional(),
    creationTimestamp: z.string().optional(),
    deletionTimestamp: z.string().optional(),
    labels: textMap.optional(),
    annotations: textMap.optional(),
    finalizers: texts.optional(),
    ownerReferences: z.array(z.looseObject({})).optional(),
    managedFields: z
      .array(
        z.looseObject({
          manager: z.string().optional(),
          operation: z.string().optional(),
          subresource: z.string().optional(),
          apiVersion: z.string().optional(),
          time: z.string().optional(),
          fieldsType: z.string().optional(),
          fieldsV1: z.looseObject({}).optional(),
        }),
      )
      .optional(),
  }),
  spec: z.looseObject({
    image: z.string(),
    args: texts.optional(),
    env: z
      .array(
        z.looseObject({
          name: z.string(),
          value: z.string().optional(),
          valueFrom: z
            .looseObject({
              secretKeyRef: keySelector.optional(),
              configMapKeyRef: keySelector.optional(),
              fieldRef: z.looseObject({ fieldPath: z.string() }).optional(),
              resourceFieldRef: z
                .looseObject({ resource: z.string() })
                .optional(),
            })
            .optional(),
        }),
      )
      .optional(),
    volumes: z.array(z.looseObject({ name: z.string() })).optional(),
    volumeMounts: z
      .array(
        z.looseObject({
          name: z.string(),
          mountPath: z.string(),
          readOnly: z.boolean().optional(),
          subPath: z.string().optional(),
        }),
      )
      .optional(),
    resources: z
      .looseObject({
        requests: quantities.optional(),
        limits: quantities.optional(),
      })
      .optional(),
    network: z
      .looseObject({
        inherit: z.boolean().optional(),
        allowIpNameLookup: z.boolean().optional(),
        tcp: z
          .looseObject({ bind: texts.optional(), connect: texts.optional() })
          .optional(),
        udp: z
          .looseObject({
            bind: texts.optional(),
            connect: texts.optional(),
            outgoing: texts.optional(),
          })
          .optional(),
      })
      .optional(),
  }),
  status: z
    .looseObject({
      observedGeneration: z.number().optional(),
      address: z.looseObject({ url: z.string().optional() }).optional(),
      conditions: z
        .array(
          z.looseObject({
            type: z.string(),
            status: z.enum(['True', 'False', 'Unknown']).catch('Unknown'),
            reason: z.string().optional(),
            message: z.string().optional(),
            severity: z.string().optional(),
            lastTransitionTime: z.string().optional(),
          }),
        )
        .optional(),
      annotations: textMap.optional(),
    })
    .optional(),
});
