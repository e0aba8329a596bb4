import {
  WasiError,
  type Finding,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { z } from 'zod';

/**
 * Reads a part of a request, or tells all that is wrong with it.
 *
 * @throws `WasiError` INPUT_INVALID.
 * @internal
 */
export function parseRequest<S extends z.ZodType>(
  schema: S,
  value: unknown,
): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    return parsed.data;
  }
  const findings = parsed.error.issues.map<Finding>(({ path, message }) => ({
    code: 'INPUT_INVALID',
    severity: 'error',
    message,
    remedy: 'Correct the field named.',
    path: path.join('.') || undefined,
  }));
  throw new WasiError('INPUT_INVALID', {
    message: findings
      .map(({ path, message }) => (path ? `${path}: ${message}` : message))
      .join('; '),
    findings,
  });
}
