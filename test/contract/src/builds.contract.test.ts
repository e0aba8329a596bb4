import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigReader } from '@backstage/config';
import {
  createBuildRunner,
  readWasiConfig,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { findRuntime } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  call,
  type Answer,
  type KubernetesTarget,
} from '@wasi-functions/local-platform/testing';
import { parseAllDocuments } from 'yaml';
import { assets, startKubeApiserverTarget } from './kubeApiserverTarget';

jest.setTimeout(120_000);

const NAMESPACE = '/api/v1/namespaces/wasi-builds';
const JOBS = '/apis/batch/v1/namespaces/wasi-builds/jobs';

/** Where the documents of builders/namespace.yaml go. */
const COLLECTIONS: Record<string, string> = {
  Namespace: '/api/v1/namespaces',
  Role: '/apis/rbac.authorization.k8s.io/v1/namespaces/wasi-builds/roles',
  RoleBinding:
    '/apis/rbac.authorization.k8s.io/v1/namespaces/wasi-builds/rolebindings',
  ResourceQuota: `${NAMESPACE}/resourcequotas`,
  NetworkPolicy:
    '/apis/networking.k8s.io/v1/namespaces/wasi-builds/networkpolicies',
};

(assets ? describe : describe.skip)(
  'builds against a real kube-apiserver (tool: KUBEBUILDER_ASSETS), whose kubelet is the test',
  () => {
    let target: KubernetesTarget;
    let directory: string;
    let log: string[];

    const send = async (method: string, path: string, body?: unknown) => {
      const answer = await call(target, method, path, { body });
      if (answer.code >= 300) {
        throw new Error(`${method} ${path}: ${answer.body.message}`);
      }
      return answer.body;
    };

    const containerStatus = (state: object) => ({
      name: 'build',
      image: '',
      imageID: '',
      ready: true,
      restartCount: 0,
      state,
    });

    const patchStatus = async (path: string, status: object) => {
      const answer = await call(
        target,
        'PATCH',
        `${NAMESPACE}/${path}/status`,
        { body: { status }, contentType: 'application/merge-patch+json' },
      );
      expect(answer.code).toBe(200);
    };

    /** What the job controller and a kubelet do. */
    async function runPodOf(job: Answer): Promise<string> {
      const { template } = job.spec;
      const name = `${job.metadata.name}-pod`;
      await send('POST', `${NAMESPACE}/pods`, {
        ...template,
        metadata: { ...template.metadata, name },
      });
      await patchStatus(`pods/${name}`, {
        phase: 'Running',
        containerStatuses: [containerStatus({ running: {} })],
      });
      return name;
    }

    /** A place of a build, asked for with the rights that the manifest gives. */
    async function open(build: object = {}) {
      const { status } = await send(
        'POST',
        '/api/v1/namespaces/backstage/serviceaccounts/backstage/token',
        {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: {},
        },
      );
      const rootConfig = new ConfigReader({
        wasi: {
          build: {
            runner: 'kubernetes',
            kubernetes: {
              namespace: 'wasi-builds',
              images: { 'rust-wasi': 'registry.example/rust@sha256:aa' },
            },
            ...build,
          },
        },
        kubernetes: {
          clusterLocatorMethods: [
            {
              type: 'config',
              clusters: [
                {
                  name: 'real',
                  url: target.server,
                  authProvider: 'serviceAccount',
                  serviceAccountToken: status.token,
                  caData: Buffer.from(target.caCertificate).toString('base64'),
                },
              ],
            },
          ],
        },
      });
      const config = readWasiConfig(rootConfig);
      return createBuildRunner({
        config,
        rootConfig,
      }).open({
        scratch: directory,
        directory,
        runtime: findRuntime('rust-wasi')!,
        timeLeft: () => 60_000,
        log: line => log.push(line),
      });
    }

    /** Waits, as a controller does, until somebody made one. */
    async function nextJob(): Promise<Answer> {
      for (;;) {
        const { items } = await send('GET', JOBS);
        if (items.length > 0) {
          return items[0];
        }
      }
    }

    beforeAll(async () => {
      target = await startKubeApiserverTarget();
      directory = await mkdtemp(join(tmpdir(), 'builds-contract-'));
      const manifest = await readFile(
        resolve(__dirname, '../../../builders/namespace.yaml'),
        'utf8',
      );
      for (const document of parseAllDocuments(manifest)) {
        const object = document.toJS();
        await send('POST', COLLECTIONS[object.kind], object);
      }
      for (const path of [
        '/api/v1/namespaces',
        '/api/v1/namespaces/backstage/serviceaccounts',
      ]) {
        const { code } = await call(target, 'POST', path, {
          body: { metadata: { name: 'backstage' } },
        });
        // Other files have the account, too.
        if (code !== 201 && code !== 409) {
          throw new Error(`POST ${path} was answered with ${code}.`);
        }
      }
    });

    beforeEach(() => {
      log = [];
    });

    afterAll(async () => {
      await target?.close();
      await rm(directory, { recursive: true, force: true });
    }, 60_000);

    it('have a pod that the restricted standard admits, a secret, and the rights that they need', async () => {
      const opening = open({ env: { GOPROXY: 'https://mirror.example' } });
      const job = await nextJob();
      const pod = await runPodOf(job);
      const place = await opening;
      const secret = await send(
        'GET',
        `${NAMESPACE}/secrets/${job.metadata.name}`,
      );

      expect(log[0]).toBe(
        `Build in the cluster real: wasi-builds/${job.metadata.name}`,
      );
      expect(secret.metadata.ownerReferences).toEqual([
        {
          apiVersion: 'batch/v1',
          kind: 'Job',
          name: job.metadata.name,
          uid: job.metadata.uid,
        },
      ]);
      // Nobody takes the command here: what became of the pod is told.
      await patchStatus(`pods/${pod}`, {
        phase: 'Failed',
        containerStatuses: [
          containerStatus({
            terminated: { exitCode: 137, reason: 'OOMKilled' },
          }),
        ],
      });
      await expect(
        place.run({
          tool: { name: 'cargo', path: 'cargo', command: 'cargo', args: [] },
          args: ['build'],
          cwd: directory,
          env: {},
          timeoutMs: 30_000,
          maxOutputBytes: 1_000,
        }),
      ).rejects.toMatchObject({ code: 'BUILD_MEMORY_LIMIT' });
      await place.close();

      const after = await call(target, 'GET', `${JOBS}/${job.metadata.name}`);
      expect(after.code).toBe(404);
      await send('DELETE', `${NAMESPACE}/pods/${pod}?gracePeriodSeconds=0`);
    });

    it('are in a namespace that refuses what is not restricted', async () => {
      const answer = await call(target, 'POST', `${NAMESPACE}/pods`, {
        body: {
          metadata: { name: 'free' },
          spec: { containers: [{ name: 'free', image: 'example' }] },
        },
      });

      expect(answer).toMatchObject({
        code: 403,
        body: { message: expect.stringContaining('PodSecurity "restricted') },
      });
    });

    it('are told of a quota', async () => {
      await send('POST', `${NAMESPACE}/resourcequotas`, {
        metadata: { name: 'none' },
        spec: { hard: { 'count/jobs.batch': '0' } },
      });
      // As its controller does.
      await patchStatus('resourcequotas/none', {
        hard: { 'count/jobs.batch': '0' },
        used: { 'count/jobs.batch': '0' },
      });

      await expect(open()).rejects.toMatchObject({
        code: 'BUILD_RUNNER_UNAVAILABLE',
        message: expect.stringContaining('exceeded quota: none'),
        remedy: expect.stringContaining('Raise the quota'),
      });
      await send('DELETE', `${NAMESPACE}/resourcequotas/none`);
    });
  },
);
