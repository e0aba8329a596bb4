import {
  wasmModuleSchema,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import type { RejectedModule } from './types';

const strings = z.record(z.string(), z.string()).catch({});

const identitySchema = z
  .object({
    metadata: z
      .object({
        name: z.string().catch('?'),
        namespace: z.string().catch('?'),
        labels: strings,
        annotations: strings,
      })
      .catch({ name: '?', namespace: '?', labels: {}, annotations: {} }),
  })
  .catch({
    metadata: { name: '?', namespace: '?', labels: {}, annotations: {} },
  });

/**
 * Reads one row of a list or watch; a row that is no WasmModule is told, not thrown.
 *
 * @internal
 */
export function readModuleRow(
  row: unknown,
  cluster: string,
): { module: WasmModule } | { rejected: RejectedModule } {
  const parsed = wasmModuleSchema.safeParse(row);
  if (parsed.success) {
    return { module: parsed.data };
  }
  const { metadata } = identitySchema.parse(row);
  const [issue] = parsed.error.issues;
  const path = issue.path.join('.');
  return {
    rejected: {
      namespace: metadata.namespace,
      name: metadata.name,
      labels: metadata.labels,
      annotations: metadata.annotations,
      finding: {
        code: 'MODULE_INVALID',
        severity: 'error',
        message: `WasmModule ${metadata.namespace}/${metadata.name} on cluster "${cluster}" cannot be read: ${path}: ${issue.message}.`,
        remedy: 'Correct the resource in the cluster.',
        path,
      },
    },
  };
}
