import {
  parseQuantity,
  type NamespaceQuota,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import type { KubernetesConnection } from './KubernetesConnection';
import { listResource } from './listResource';
import { pathSegment } from './pathSegment';

const quantitiesSchema = z
  .record(z.string(), z.union([z.string(), z.number()]).transform(String))
  .default({});
const quotaSchema = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    scopes: z.array(z.string()).optional(),
    scopeSelector: z.unknown().optional(),
  }),
  status: z
    .object({ hard: quantitiesSchema, used: quantitiesSchema })
    .optional(),
});

/**
 * The quotas that hold for every pod of a namespace.
 *
 * https://kubernetes.io/docs/concepts/policy/resource-quotas/
 *
 * @internal
 */
export async function readQuotas(
  connection: KubernetesConnection,
  { namespace, signal }: { namespace: string; signal?: AbortSignal },
): Promise<NamespaceQuota[]> {
  const { items } = await listResource(connection, {
    resource: {
      label: 'ResourceQuotas',
      path: () => `/api/v1/namespaces/${pathSegment(namespace)}/resourcequotas`,
      read: readQuota,
    },
    signal,
  });
  return items;
}

function readQuota(row: unknown): NamespaceQuota | undefined {
  const { data: quota } = quotaSchema.safeParse(row);
  // One with a scope holds for some pods only, and one that was not looked at
  // yet says nothing.
  if (!quota?.status || quota.spec.scopes?.length || quota.spec.scopeSelector) {
    return undefined;
  }
  const { hard, used } = quota.status;
  return { name: quota.metadata.name, hard: known(hard), used: known(used) };
}

function known(quantities: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(quantities).filter(
      ([, quantity]) => parseQuantity(quantity) !== undefined,
    ),
  );
}
