import { randomUUID } from 'node:crypto';
import { cp } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { performance } from 'node:perf_hooks';
import { isChildPath } from '@backstage/backend-plugin-api';
import type { KubeConfig } from '@kubernetes/client-node';
import {
  isWasiError,
  stepPlaceholders,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import type { KubernetesConnection } from '../../../cluster/KubernetesConnection';
import { readJson } from '../../../cluster/readJson';
import type { KubernetesBuildConfig, WasiConfig } from '../../../config';
import type { CommandResult } from '../../../process';
import { collectLines } from '../../../process/collectLines';
import { assetPath } from '../../assetPath';
import { buildLimits } from '../buildLimits';
import type { BuildPlace, BuildPlaceOptions, PlaceCommand } from '../types';
import { BUILD_LABEL, buildJob, buildSecret, CONTAINER } from './buildJob';
import { FolderSync, type PodShell } from './folderSync';
import { ExecInterruptedError, podExec } from './podExec';
import { podSchema, podState, type BuildPod } from './podState';
import { refusedByCluster } from './refusedByCluster';

const POLL_MS = 500;
/** Time to tell why a pod was lost, after the line to it was cut. */
const LOST_POLLS = 20;
const MEBIBYTE = 1024 * 1024;
/** The deadline that the cluster keeps is behind ours. */
const SPARE_SECONDS = 60;
const ASSETS = 'assets';

const jobSchema = z.object({ metadata: z.object({ uid: z.string() }) });
const podListSchema = z.object({ items: z.array(podSchema) });
const eventListSchema = z.object({
  items: z.array(
    z.object({
      type: z.string().optional(),
      reason: z.string().optional(),
      message: z.string().optional(),
    }),
  ),
});

/**
 * A job for the tools of one build: a pod that waits for commands, with a copy
 * of the build's folder at the same path.
 *
 * @internal
 */
export async function openJob(options: {
  connection: KubernetesConnection;
  loadKubeConfig: () => KubeConfig;
  image: string;
  config: Pick<WasiConfig, 'build'>;
  kubernetes: KubernetesBuildConfig;
  build: BuildPlaceOptions;
}): Promise<BuildPlace> {
  const { connection, loadKubeConfig, image, config, kubernetes, build } =
    options;
  const { namespace } = kubernetes;
  const { env = {} } = config.build;
  const name = `wasi-build-${randomUUID()}`;
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  const closing = new AbortController();
  const within = (signal?: AbortSignal) =>
    AbortSignal.any([closing.signal, ...(signal ? [signal] : [])]);

  async function remove(): Promise<void> {
    await connection.send({
      method: 'DELETE',
      path: `${jobs}/${name}`,
      body: {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        propagationPolicy: 'Background',
        gracePeriodSeconds: 0,
      },
    });
  }

  async function start(): Promise<BuildPod> {
    const withEnv = Object.keys(env).length > 0;
    const created = await connection.send({
      method: 'POST',
      path: jobs,
      signal: build.signal,
      body: buildJob({
        name,
        runtime: build.runtime.name,
        image,
        scratch: build.scratch,
        network: build.runtime.network ?? false,
        seconds:
          Math.ceil((kubernetes.startTimeoutMs + build.timeLeft()) / 1000) +
          SPARE_SECONDS,
        limits: buildLimits(config),
        secret: withEnv ? name : undefined,
        config: kubernetes,
      }),
    });
    if (created.status !== 201) {
      throw refusedByCluster(created, {
        cluster: connection.cluster,
        namespace,
        what: 'jobs',
      });
    }
    const { uid } = readJson(created, {
      schema: jobSchema,
      cluster: connection.cluster,
      wanted: 'a job',
    }).metadata;
    try {
      if (withEnv) {
        await writeSecret(uid);
      }
      build.log(
        `Build in the cluster ${connection.cluster}: ${namespace}/${name}`,
      );
      return await waitForPod(uid);
    } catch (error) {
      await remove().catch(() => undefined);
      throw error;
    }
  }

  async function writeSecret(uid: string): Promise<void> {
    const answer = await connection.send({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/secrets`,
      signal: build.signal,
      body: buildSecret({ name, namespace, env, job: { name, uid } }),
    });
    if (answer.status !== 201) {
      throw refusedByCluster(answer, {
        cluster: connection.cluster,
        namespace,
        what: 'secrets',
      });
    }
  }

  async function readPod(): Promise<BuildPod | undefined> {
    const answer = await connection.send({
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}/pods`,
      query: { labelSelector: `${BUILD_LABEL}=${name}` },
      signal: build.signal,
    });
    if (answer.status !== 200) {
      throw refusedByCluster(answer, {
        cluster: connection.cluster,
        namespace,
        what: 'pods',
      });
    }
    return readJson(answer, {
      schema: podListSchema,
      cluster: connection.cluster,
      wanted: 'pods',
    }).items[0];
  }

  /** Where the cluster makes no pod, an event of the job says why: a quota, a policy. */
  async function refusedPod(uid: string): Promise<string | undefined> {
    const answer = await connection.send({
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}/events`,
      query: { fieldSelector: `involvedObject.uid=${uid}` },
      signal: build.signal,
    });
    if (answer.status !== 200) {
      // Not ours to read: then the wait ends without a reason.
      return undefined;
    }
    return readJson(answer, {
      schema: eventListSchema,
      cluster: connection.cluster,
      wanted: 'events',
    }).items.find(({ reason }) => reason === 'FailedCreate')?.message;
  }

  async function waitForPod(uid: string): Promise<BuildPod> {
    const deadline = performance.now() + kubernetes.startTimeoutMs;
    let why = 'the cluster made no pod for it.';
    let told = '';
    while (performance.now() < deadline) {
      const pod = await readPod();
      const state = pod && podState(pod, image);
      if (pod && state?.phase === 'running') {
        return pod;
      }
      if (state?.phase === 'lost') {
        throw state.error;
      }
      const refused = pod ? undefined : await refusedPod(uid);
      if (refused) {
        throw new WasiError('BUILD_RUNNER_UNAVAILABLE', {
          message: `The cluster makes no pod for the build: ${refused.slice(
            0,
            500,
          )}`,
          remedy: `Raise the quota of the namespace ${namespace} or wait for other builds; or correct \`wasi.build.kubernetes\`.`,
        });
      }
      why = state?.phase === 'waiting' ? state.why : why;
      if (why !== told) {
        told = why;
        build.log(`Waiting for the builder: ${why}`);
      }
      await delay(POLL_MS, undefined, { signal: build.signal });
    }
    throw new WasiError('BUILD_RUNNER_UNAVAILABLE', {
      message: `The builder was not started in time: ${why}`,
      remedy: `Give the namespace ${namespace} nodes with room for builds, or raise \`wasi.build.kubernetes.startTimeoutSeconds\`.`,
    });
  }

  /** What became of the pod when the line to it was cut. */
  async function explainLoss(error: unknown): Promise<WasiError> {
    for (let poll = 0; poll < LOST_POLLS; poll++) {
      const pod = await readPod();
      const state = pod && podState(pod, image);
      if (state?.phase === 'lost') {
        return state.error;
      }
      if (!pod) {
        return new WasiError('BUILD_KILLED', {
          message: 'The pod of the build was removed from the cluster.',
          cause: error,
        });
      }
      await delay(POLL_MS, undefined, { signal: build.signal });
    }
    return new WasiError('BUILD_KILLED', {
      message: 'The connection to the pod of the build was cut.',
      remedy: 'Try again.',
      cause: error,
    });
  }

  const exec = async (
    pod: string,
    streams: Omit<Parameters<typeof podExec>[2], 'signal'>,
    signal: AbortSignal,
  ): Promise<number> => {
    try {
      return await podExec(
        loadKubeConfig(),
        { namespace, pod, container: CONTAINER },
        { ...streams, signal },
      );
    } catch (error) {
      throw error instanceof ExecInterruptedError
        ? await explainLoss(error)
        : error;
    }
  };

  let pod: BuildPod;
  try {
    pod = await start();
  } catch (error) {
    if (build.signal?.aborted) {
      throw aborted();
    }
    throw error;
  }
  const podName = pod.metadata.name;
  const shell: PodShell = async (line, words, streams = {}) => {
    const said = collectLines();
    const code = await exec(
      podName,
      {
        command: ['sh', '-c', line, 'sh', ...words],
        stdin: streams.stdin,
        stdout: streams.stdout ?? discard(),
        stderr: toLines(said.open()),
      },
      within(build.signal),
    );
    if (code !== 0) {
      said.close();
      throw new WasiError('BUILD_RUNNER_UNAVAILABLE', {
        message: `Files cannot be moved to or from the builder image ${image}: ${
          said.tail().at(-1) ?? `exit code ${code}`
        }`,
        remedy: 'Use an image that has sh, env, head, find and GNU tar.',
      });
    }
  };
  const sync = new FolderSync({
    folder: build.scratch,
    shell,
    maxBytes: 2 * config.build.maxModuleBytes + 64 * MEBIBYTE,
  });
  // Programs of ours that run beside the tools.
  await cp(assetPath(''), join(build.scratch, ASSETS), { recursive: true });

  // Two tools at once share the folder; its copy is brought up to date by one at a time.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Value>(act: () => Promise<Value>): Promise<Value> => {
    const result = turn.then(act);
    turn = result.catch(() => undefined);
    return result;
  };

  async function run(command: PlaceCommand): Promise<CommandResult> {
    const { tool, args, cwd, timeoutMs, maxOutputBytes } = command;
    const started = performance.now();
    const timeout = AbortSignal.timeout(timeoutMs);
    const output = new AbortController();
    const signal = within(
      AbortSignal.any([
        timeout,
        output.signal,
        ...(command.signal ? [command.signal] : []),
      ]),
    );
    const lines = collectLines(command.onLine);
    let bytes = 0;
    const reader = () => {
      const write = lines.open();
      return toLines(chunk => {
        bytes += chunk.length;
        if (bytes > maxOutputBytes) {
          output.abort();
        } else {
          write(chunk);
        }
      });
    };
    const there = (word: string) =>
      word.replaceAll(assetPath(''), join(build.scratch, ASSETS));
    const program = tool.command === process.execPath ? 'node' : tool.command;
    try {
      await inTurn(() => sync.send());
      const exitCode = await exec(
        podName,
        {
          command: [
            ...['sh', '-c', 'cd "$1" && shift && exec env "$@"', 'sh', cwd],
            ...Object.entries(command.env).map(
              ([key, value]) => `${key}=${there(value)}`,
            ),
            program,
            ...[...tool.args, ...args].map(there),
          ],
          stdout: reader(),
          stderr: reader(),
        },
        signal,
      );
      await inTurn(() => sync.receive(wanted(build)));
      lines.close();
      return {
        exitCode,
        tail: lines.tail(),
        durationMs: Math.round(performance.now() - started),
      };
    } catch (error) {
      if (isWasiError(error)) {
        throw error;
      }
      if (timeout.aborted) {
        throw new WasiError('BUILD_TIMEOUT', {
          message: `${tool.name} was stopped after ${
            timeoutMs / 1000
          } seconds.`,
        });
      }
      if (output.signal.aborted) {
        throw new WasiError('BUILD_OUTPUT_LIMIT', {
          message: `${tool.name} was stopped after ${maxOutputBytes} bytes of output.`,
        });
      }
      if (signal.aborted) {
        throw aborted();
      }
      throw error;
    }
  }

  return {
    run: command => run(command),
    async bring(folder) {
      const target = join(build.scratch, `brought-${randomUUID()}`);
      await inTurn(async () => {
        await shell('cp -R "$1" "$2"', [folder, target]);
        await sync.receiveFolder(relative(build.scratch, target));
      });
      return target;
    },
    async close() {
      closing.abort();
      await remove();
    },
  };
}

/** Where the recipe leaves its module, below the top. */
function wanted({ scratch, directory, runtime }: BuildPlaceOptions): string[] {
  const path = resolve(
    directory,
    runtime.output
      .replaceAll(stepPlaceholders.scratch, scratch)
      .replace(/\{[a-z]+\}/g, '*'),
  );
  return isChildPath(scratch, path) ? [relative(scratch, path)] : [];
}

function aborted(): WasiError {
  return new WasiError('BUILD_ABORTED', {
    message: 'The build was cancelled.',
  });
}

function toLines(write: (chunk: Buffer) => void): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      write(chunk);
      done();
    },
  });
}

function discard(): Writable {
  return new PassThrough().resume();
}
