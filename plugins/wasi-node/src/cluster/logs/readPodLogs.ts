import type { KubernetesConnection } from '../KubernetesConnection';
import { pathSegment } from '../pathSegment';
import { toClusterError } from '../toClusterError';
import type { ModuleName } from '../types';
import { listPods } from './listPods';
import { splitStamp } from './splitStamp';

const MAX_BYTES_PER_POD = 256 * 1024;
const DEFAULT_TAIL = 100;
const MAX_TAIL = 5000;

/**
 * The last log lines of a module's pods, oldest first.
 *
 * @internal
 */
export async function readPodLogs(
  connection: KubernetesConnection,
  options: { ref: ModuleName; tailLines?: number; signal?: AbortSignal },
): Promise<string[]> {
  const { ref, signal } = options;
  const tailLines = Math.min(
    Math.max(options.tailLines ?? DEFAULT_TAIL, 1),
    MAX_TAIL,
  );
  const pods = await listPods(connection, { ref, signal });
  // Stamps put the lines of several pods in order; one pod's are in order.
  const timestamps = pods.length > 1;
  const logs = await Promise.all(
    pods.map(pod =>
      readPod(connection, { ref, pod, tailLines, timestamps, signal }),
    ),
  );
  if (!timestamps) {
    return (logs[0] ?? []).slice(-tailLines);
  }
  return logs
    .flat()
    .map(splitStamp)
    .sort((a, b) => a.stamp.localeCompare(b.stamp))
    .map(({ line }) => line)
    .slice(-tailLines);
}

async function readPod(
  connection: KubernetesConnection,
  options: {
    ref: ModuleName;
    pod: string;
    tailLines: number;
    timestamps: boolean;
    signal?: AbortSignal;
  },
): Promise<string[]> {
  const { ref, pod, tailLines, timestamps, signal } = options;
  const read = (previous?: boolean) =>
    connection.send({
      method: 'GET',
      path: `/api/v1/namespaces/${pathSegment(
        ref.namespace,
      )}/pods/${pathSegment(pod)}/log`,
      query: {
        container: 'user-container',
        tailLines,
        limitBytes: MAX_BYTES_PER_POD,
        timestamps: timestamps || undefined,
        previous,
      },
      signal,
    });
  let answer = await read();
  if (answer.status === 400) {
    // The container is waiting to start: what the crashed one said is wanted.
    answer = await read(true);
  }
  if (answer.status === 400 || answer.status === 404) {
    // Nothing has run yet, or the pod has just gone: no lines, and no failure.
    return [];
  }
  if (answer.status !== 200) {
    throw toClusterError(answer, {
      cluster: connection.cluster,
      verb: 'read the logs of WasmModule',
      module: ref,
    });
  }
  return answer.text.split('\n').filter(line => line !== '');
}
