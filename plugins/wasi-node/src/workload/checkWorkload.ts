import {
  parseQuantity,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import type { Workload } from './types';

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const label = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'is no DNS label');
const subdomain = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/, 'is no DNS name');
const quantity = z
  .string()
  .max(30)
  .refine(text => (parseQuantity(text) ?? 0) > 0, 'is no quantity');

const workloadSchema = z.object({
  name: label,
  namespace: label.optional(),
  runtimeClassName: subdomain,
  folders: z
    .array(
      z.object({
        guestPath: z
          .string()
          .max(1024)
          // A colon would end it in a list of paths.
          .regex(/^\/[^:\p{C}]+$/u, 'is no absolute path')
          .refine(
            path => !path.split('/').includes('..'),
            'leads out of itself',
          ),
        claim: subdomain,
      }),
    )
    .max(50)
    .optional(),
  env: z.record(z.string().regex(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/), z.string()),
  limits: z
    .object({ memory: quantity.optional(), cpu: quantity.optional() })
    .optional(),
});

/**
 * Refuses what an API server would refuse, with the field that it is about.
 *
 * @throws `WasiError` INPUT_INVALID
 * @internal
 */
export function checkWorkload(workload: Workload): void {
  const { error } = workloadSchema.safeParse({ env: {}, ...workload });
  if (error) {
    throw new WasiError('INPUT_INVALID', {
      message: `The workload cannot be deployed: ${error.issues
        .slice(0, 10)
        .map(({ path, message }) => `${path.join('.')}: ${message}`)
        .join('; ')}.`,
    });
  }
}
