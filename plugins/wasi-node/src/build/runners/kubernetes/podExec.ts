import type { Readable, Writable } from 'node:stream';
import { PassThrough } from 'node:stream';
import { Exec, type KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';

/** Load balancers cut connections that are silent for longer. */
const PING_MS = 20_000;

const statusSchema = z.object({
  status: z.string().optional(),
  message: z.string().optional(),
  details: z
    .object({
      causes: z
        .array(
          z.object({
            reason: z.string().optional(),
            message: z.string().optional(),
          }),
        )
        .optional(),
    })
    .optional(),
});

/**
 * A container of a pod, to run commands in.
 *
 * @internal
 */
export interface PodContainer {
  namespace: string;
  pod: string;
  container: string;
}

/**
 * The line to a pod was cut before its command told how it ended.
 *
 * @internal
 */
export class ExecInterruptedError extends Error {
  constructor(cause?: unknown) {
    super('The connection to the pod was cut', { cause });
    this.name = 'ExecInterruptedError';
  }
}

/**
 * Runs a command in a pod to its end, and answers its exit code.
 *
 * @throws {@link ExecInterruptedError}; the reason of an aborted signal.
 * @internal
 */
export async function podExec(
  kubeConfig: KubeConfig,
  target: PodContainer,
  options: {
    command: readonly string[];
    stdout: Writable;
    stderr: Writable;
    stdin?: Readable;
    signal: AbortSignal;
  },
): Promise<number> {
  const { command, stdout, stderr, stdin, signal } = options;
  signal.throwIfAborted();
  let socket: Awaited<ReturnType<Exec['exec']>> | undefined;
  let pings: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  try {
    return await new Promise<number>((resolve, reject) => {
      abort = () => reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      // Held back until the line is open, then read no faster than it takes.
      const input = stdin && new PassThrough();
      new Exec(kubeConfig)
        .exec(
          target.namespace,
          target.pod,
          target.container,
          [...command],
          stdout,
          stderr,
          input ?? null,
          false,
          status => {
            const code = exitCode(status);
            if (code === undefined) {
              reject(
                new ExecInterruptedError(
                  new Error(JSON.stringify(status).slice(0, 500)),
                ),
              );
            } else {
              resolve(code);
            }
          },
        )
        .then(
          opened => {
            socket = opened;
            opened.addEventListener('close', () =>
              reject(new ExecInterruptedError()),
            );
            opened.addEventListener('error', event =>
              reject(new ExecInterruptedError(event.error)),
            );
            pings = setInterval(() => opened.ping(), PING_MS);
            if (stdin && input) {
              void feed(stdin, input, opened).catch(reject);
            }
          },
          error => reject(new ExecInterruptedError(error?.error ?? error)),
        );
    });
  } finally {
    clearInterval(pings);
    if (abort) {
      signal.removeEventListener('abort', abort);
    }
    stdin?.destroy();
    socket?.terminate();
  }
}

const MAX_BUFFERED = 4 * 1024 * 1024;
const DRAIN_PAUSE_MS = 10;

/** client-node sends what it reads at once: what it is given waits for the line. */
async function feed(
  from: Readable,
  to: PassThrough,
  line: { bufferedAmount: number; readyState: number; OPEN: number },
): Promise<void> {
  for await (const chunk of from) {
    while (
      line.bufferedAmount > MAX_BUFFERED &&
      line.readyState === line.OPEN
    ) {
      await new Promise(resolve => setTimeout(resolve, DRAIN_PAUSE_MS));
    }
    if (line.readyState !== line.OPEN) {
      return;
    }
    to.write(chunk);
  }
  // Not ended: older clusters take that for the end of the whole line. Who
  // reads it knows how much there is.
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
function exitCode(answer: unknown): number | undefined {
  const status = statusSchema.safeParse(answer);
  if (!status.success) {
    return undefined;
  }
  if (status.data.status === 'Success') {
    return 0;
  }
  const code = status.data.details?.causes?.find(
    ({ reason }) => reason === 'ExitCode',
  )?.message;
  return code === undefined || !/^\d+$/.test(code) ? undefined : Number(code);
}
