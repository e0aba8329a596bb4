import {
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRuntime } from '@wasi-functions/backstage-plugin-wasi-common';
import { readWasiConfig } from '../../../config';
import { createBuildRunner } from '..';
import { describeWithSandbox } from '../__testUtils__/usePlaces';
import type { BuildPlace } from '../types';
import { clusterConfig } from './__testUtils__/clusterConfig';
import {
  startFakeCluster,
  type FakeCluster,
} from './__testUtils__/startFakeCluster';

jest.setTimeout(60_000);

let root: string;
let scratch: string;
let source: string;
let log: string[];
let cluster: FakeCluster;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'open-job-')));
  scratch = join(root, 'build');
  source = join(scratch, 'source');
  await mkdir(source, { recursive: true });
  log = [];
});

afterEach(async () => {
  await cluster?.close();
  await rm(root, { recursive: true, force: true });
});

async function open(
  options: Parameters<typeof startFakeCluster>[0] = {},
  { signal, build = {} }: { signal?: AbortSignal; build?: object } = {},
): Promise<BuildPlace> {
  cluster = await startFakeCluster(options);
  const rootConfig = clusterConfig(cluster.url, build);
  const config = readWasiConfig(rootConfig);
  return createBuildRunner({
    config,
    rootConfig,
  }).open({
    scratch,
    directory: source,
    runtime: findRuntime('go-wasi')!,
    timeLeft: () => 60_000,
    signal,
    log: line => log.push(line),
  });
}

const shell = (place: BuildPlace, line: string, options: object = {}) =>
  place.run({
    tool: { name: 'sh', path: 'sh', command: 'sh', args: [] },
    args: ['-c', line],
    cwd: source,
    env: { HOME: scratch },
    timeoutMs: 30_000,
    maxOutputBytes: 100_000,
    onLine: text => log.push(text),
    ...options,
  });

describe('the job of a build', () => {
  it('keeps to the restricted standard, within the limits of the configuration', async () => {
    await open();
    const [job] = [...cluster.jobs.values()];

    expect(job).toEqual({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: expect.stringMatching(/^wasi-build-[0-9a-f-]{36}$/),
        namespace: 'builds',
        labels: {
          'app.kubernetes.io/managed-by': 'backstage-wasi',
          'app.kubernetes.io/component': 'build',
          'wasi-functions.dev/build': job.metadata.name,
          'wasi-functions.dev/runtime': 'go-wasi',
          'wasi-functions.dev/network': 'true',
        },
      },
      spec: {
        backoffLimit: 0,
        activeDeadlineSeconds: 123,
        ttlSecondsAfterFinished: 300,
        template: {
          metadata: { labels: job.metadata.labels },
          spec: {
            restartPolicy: 'Never',
            terminationGracePeriodSeconds: 0,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 10001,
              runAsGroup: 10001,
              fsGroup: 10001,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            containers: [
              {
                name: 'build',
                image: 'registry.example/go@sha256:aa',
                command: ['sleep', '123'],
                securityContext: {
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ['ALL'] },
                  readOnlyRootFilesystem: true,
                },
                resources: {
                  requests: { cpu: '250m', memory: '512Mi' },
                  limits: { memory: '1024Mi', 'ephemeral-storage': '512Mi' },
                },
                volumeMounts: [
                  { name: 'build', mountPath: scratch },
                  { name: 'tmp', mountPath: '/tmp' },
                ],
              },
            ],
            volumes: [
              { name: 'build', emptyDir: { sizeLimit: '512Mi' } },
              { name: 'tmp', emptyDir: { sizeLimit: '512Mi' } },
            ],
          },
        },
      },
    });
  });

  it.each([
    {
      what: 'a quota',
      options: {
        events: [
          {
            type: 'Warning',
            reason: 'FailedCreate',
            message: 'pods "wasi-build-1" is forbidden: exceeded quota: builds',
          },
        ],
      },
      code: 'BUILD_RUNNER_UNAVAILABLE',
      message: /makes no pod for the build: .*exceeded quota: builds/,
      remedy: /Raise the quota of the namespace builds/,
    },
    {
      what: 'an image that cannot be pulled',
      options: {
        podStatus: () => ({
          phase: 'Pending',
          containerStatuses: [
            {
              state: {
                waiting: {
                  reason: 'ImagePullBackOff',
                  message: 'Back-off pulling image',
                },
              },
            },
          ],
        }),
      },
      code: 'BUILD_RUNNER_UNAVAILABLE',
      message:
        /^The builder image registry\.example\/go@sha256:aa cannot be pulled: Back-off pulling image\.$/,
      remedy: /wasi\.build\.kubernetes\.images/,
    },
    {
      what: 'no node with room',
      options: {
        podStatus: () => ({
          phase: 'Pending',
          conditions: [
            {
              type: 'PodScheduled',
              status: 'False',
              message: '0/3 nodes are available: 3 Insufficient memory.',
            },
          ],
        }),
      },
      code: 'BUILD_RUNNER_UNAVAILABLE',
      message: /not started in time: 0\/3 nodes are available/,
      remedy: /startTimeoutSeconds/,
    },
    {
      what: 'a namespace that does not exist',
      options: {
        answer: () => ({
          status: 404,
          body: { message: 'namespaces "builds" not found' },
        }),
      },
      code: 'BUILD_RUNNER_UNAVAILABLE',
      message:
        /cannot use jobs in the namespace builds of cluster "prod": namespaces "builds" not found/,
      remedy: /Create the namespace builds/,
    },
    {
      what: 'missing rights',
      options: {
        answer: () => ({
          status: 403,
          body: { message: 'jobs.batch is forbidden' },
        }),
      },
      code: 'BUILD_RUNNER_UNAVAILABLE',
      message: /jobs\.batch is forbidden/,
      remedy: /docs\/builds\.md/,
    },
  ])(
    'tells of $what, with what to do, and leaves no job',
    async ({ options, code, message, remedy }) => {
      await expect(open(options)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
      });
      expect([...cluster.jobs.keys()]).toEqual([]);
    },
  );

  it('is removed when the task is cancelled before there is a pod', async () => {
    const controller = new AbortController();
    const opening = open(
      {
        podStatus: () => {
          controller.abort();
          return { phase: 'Pending' };
        },
      },
      { signal: controller.signal },
    );

    await expect(opening).rejects.toMatchObject({ code: 'BUILD_ABORTED' });
    expect([...cluster.jobs.keys()]).toEqual([]);
  });

  it('has a secret of its own for the variables of the operator, and tells them nobody', async () => {
    await open({}, { build: { env: { GOPROXY: 'https://user:word@mirror' } } });
    const [job] = [...cluster.jobs.values()];
    const { name } = job.metadata;

    expect([...cluster.secrets.values()]).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          name,
          namespace: 'builds',
          labels: { 'wasi-functions.dev/build': name },
          ownerReferences: [
            { apiVersion: 'batch/v1', kind: 'Job', name, uid: 'job-uid' },
          ],
        },
        stringData: { GOPROXY: 'https://user:word@mirror' },
      },
    ]);
    expect(job.spec.template.spec.containers[0].envFrom).toEqual([
      { secretRef: { name } },
    ]);
    expect(`${JSON.stringify(job)} ${log.join()}`).not.toContain('word');
  });
});

describeWithSandbox(
  'tools in the pod of a build (played by bubblewrap)',
  () => {
    it.each(['v5.channel.k8s.io', 'v4.channel.k8s.io'])(
      'read the folder, write it, and their files come back, over %s',
      async protocol => {
        await writeFile(join(source, 'main.txt'), 'of the source');
        const place = await open({ protocol });
        const { exitCode, tail } = await shell(
          place,
          'cat main.txt && echo " and back" && mkdir -p out && echo built > ../module.wasm && echo kept > out/other && echo below > module.wasm',
        );
        await writeFile(join(scratch, 'request.json'), 'of the second step');
        const second = await shell(place, 'cat ../request.json ../module.wasm');
        await place.close();

        expect({ exitCode, tail, second: second.tail }).toEqual({
          exitCode: 0,
          tail: ['of the source and back'],
          second: ['of the second stepbuilt'],
        });
        expect(await readFile(join(scratch, 'module.wasm'), 'utf8')).toBe(
          'built\n',
        );
        // Where the recipe leaves it.
        expect(await readFile(join(source, 'module.wasm'), 'utf8')).toBe(
          'below\n',
        );
        // Only what was asked for.
        await expect(readFile(join(source, 'out/other'))).rejects.toThrow();
        expect([...cluster.jobs.keys()]).toEqual([]);
      },
    );

    it('end with their exit code, and what they said', async () => {
      const place = await open();
      const { exitCode, tail } = await shell(
        place,
        'echo first; echo second >&2; exit 3',
      );
      await place.close();

      expect({ exitCode, tail: tail.sort() }).toEqual({
        exitCode: 3,
        tail: ['first', 'second'],
      });
    });

    it('have the variables of the operator from the secret, not from the command', async () => {
      const place = await open(
        {},
        { build: { env: { GOPROXY: 'https://mirror' } } },
      );
      const { tail } = await shell(place, 'echo "$GOPROXY"');
      await place.close();

      expect(tail).toEqual(['https://mirror']);
      expect(
        cluster.requests
          .filter(({ method }) => method === 'EXEC')
          .map(({ query }) => query.toString())
          .join(),
      ).not.toContain('mirror');
    });

    it.each([
      ['BUILD_TIMEOUT', 'sleep 60', { timeoutMs: 1_000 }],
      ['BUILD_OUTPUT_LIMIT', 'yes', { maxOutputBytes: 1_000 }],
    ])('are stopped: %s', async (code, line, options) => {
      const place = await open();

      await expect(shell(place, line, options)).rejects.toMatchObject({ code });
      await place.close();
      expect([...cluster.jobs.keys()]).toEqual([]);
    });

    it('are ended with the task, and the job removed', async () => {
      const controller = new AbortController();
      const place = await open();

      await expect(
        shell(place, 'echo started; sleep 60', {
          signal: controller.signal,
          onLine: () => controller.abort(),
        }),
      ).rejects.toMatchObject({ code: 'BUILD_ABORTED' });
      await place.close();
      expect([...cluster.jobs.keys()]).toEqual([]);
    });

    it.each([
      {
        why: 'took too much memory',
        status: {
          phase: 'Failed',
          containerStatuses: [
            { state: { terminated: { reason: 'OOMKilled', exitCode: 137 } } },
          ],
        },
        code: 'BUILD_MEMORY_LIMIT',
      },
      {
        why: 'filled its disk',
        status: {
          phase: 'Failed',
          reason: 'Evicted',
          message:
            'Usage of EmptyDir volume "build" exceeds the limit "512Mi".',
        },
        code: 'BUILD_DISK_LIMIT',
      },
      {
        why: 'was evicted',
        status: {
          phase: 'Failed',
          reason: 'Evicted',
          message: 'The node was low on resource: memory.',
        },
        code: 'BUILD_KILLED',
      },
      {
        why: 'took too long',
        status: { phase: 'Failed', reason: 'DeadlineExceeded' },
        code: 'BUILD_TIMEOUT',
      },
    ])('are told why the pod was lost: it $why', async ({ status, code }) => {
      let lost = false;
      const place = await open({
        podStatus: () => (lost ? status : undefined),
      });
      await expect(
        shell(place, 'echo started; sleep 60', {
          onLine: () => {
            lost = true;
            cluster.running.forEach(child => child.kill('SIGKILL'));
          },
        }),
      ).rejects.toMatchObject({ code });
      await place.close();
    });
  },
);

it('refuses a command that the line gives no answer to', async () => {
  let closed: Promise<unknown> | undefined;
  const place = await open({
    podStatus: asked =>
      asked > 0
        ? { phase: 'Failed', reason: 'Evicted', message: 'low on memory' }
        : undefined,
    exec(_command, socket) {
      closed = once(socket, 'close');
      socket.close();
      return true;
    },
  });

  await expect(shell(place, 'true')).rejects.toMatchObject({
    code: 'BUILD_KILLED',
  });
  await closed;
});
