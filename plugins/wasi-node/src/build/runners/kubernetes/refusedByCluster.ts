import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import type { KubernetesAnswer } from '../../../cluster/KubernetesConnection';

const statusSchema = z.object({ message: z.string().max(8192) });

/**
 * Why a cluster does not do what builds need, in the operator's words.
 *
 * @internal
 */
export function refusedByCluster(
  answer: KubernetesAnswer,
  request: { cluster: string; namespace: string; what: string },
): WasiError {
  const { cluster, namespace, what } = request;
  const reason = messageOf(answer.text) ?? `it answered ${answer.status}`;
  const message = `Builds cannot use ${what} in the namespace ${namespace} of cluster "${cluster}": ${reason.slice(
    0,
    500,
  )}`;
  switch (answer.status) {
    case 401:
    case 403:
      return new WasiError('BUILD_RUNNER_UNAVAILABLE', {
        message,
        remedy: /exceeded quota/.test(reason)
          ? `Raise the quota of the namespace ${namespace}, or wait for other builds to end.`
          : 'Give the account of the portal the rights that docs/builds.md lists.',
      });
    case 404:
      return new WasiError('BUILD_RUNNER_UNAVAILABLE', {
        message,
        remedy: `Create the namespace ${namespace}, as docs/builds.md shows.`,
      });
    default:
      return new WasiError('BUILD_RUNNER_UNAVAILABLE', {
        message,
        remedy: 'Correct `wasi.build.kubernetes`, or try again.',
      });
  }
}

function messageOf(text: string): string | undefined {
  try {
    return statusSchema.safeParse(JSON.parse(text)).data?.message;
  } catch {
    // A proxy between us answers in its own way; the status says enough.
    return undefined;
  }
}
