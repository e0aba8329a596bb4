import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { z } from 'zod';
import type { KubernetesAnswer } from './KubernetesConnection';

/**
 * Reads an API server's answer as what was asked for, else CLUSTER_UNEXPECTED.
 *
 * @internal
 */
export function readJson<S extends z.ZodType>(
  answer: KubernetesAnswer,
  options: { schema: S; cluster: string; wanted: string },
): z.output<S> {
  const parsed = options.schema.safeParse(parse(answer.text));
  if (!parsed.success) {
    throw new WasiError('CLUSTER_UNEXPECTED', {
      message: `Cluster "${options.cluster}" answered with something other than ${options.wanted}.`,
    });
  }
  return parsed.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No schema of ours accepts undefined, so the caller says what was wanted.
    return undefined;
  }
}
