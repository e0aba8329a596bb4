import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import {
  composeWorkload,
  createWorkloads,
  readWasiConfig,
  type Workload,
  type Workloads,
} from '@wasi-functions/backstage-plugin-wasi-node';
import {
  call,
  type KubernetesTarget,
} from '@wasi-functions/local-platform/testing';
import { assets, startKubeApiserverTarget } from './kubeApiserverTarget';

jest.setTimeout(120_000);

const IMAGE = `registry.example.com/team/tool@sha256:${'a'.repeat(64)}`;
const OWNER = {
  entityRef: 'component:default/tool',
  kubernetesId: 'tool',
};
const TOOL: Workload = {
  name: 'tool',
  image: IMAGE,
  runtimeClassName: 'wasmtime',
  args: ['/data/in.txt'],
  env: { GREETING: 'Hello' },
  folders: [{ guestPath: '/data', claim: 'data' }],
  network: 'outgoing',
};

// The local platform has no Deployments.
(assets ? describe : describe.skip)(
  'workloads of a real kube-apiserver (tool: KUBEBUILDER_ASSETS)',
  () => {
    let target: KubernetesTarget;
    let directory: string;
    let workloads: Workloads;

    beforeAll(async () => {
      target = await startKubeApiserverTarget();
      directory = mkdtempSync(join(tmpdir(), 'workloads-'));
      const kubeconfig = join(directory, 'kubeconfig');
      writeFileSync(kubeconfig, target.kubeconfig);
      const config = new ConfigReader({ wasi: { kubeconfig } });
      workloads = createWorkloads(config, readWasiConfig(config));
    });
    afterAll(async () => {
      await target.close();
      rmSync(directory, { recursive: true, force: true });
    }, 60_000);

    const deploy = (workload: Workload, owner = OWNER, force = false) =>
      workloads.deploy({
        objects: composeWorkload(workload, owner),
        entityRef: owner.entityRef,
        force,
      });
    const read = async (path: string) =>
      (await call(target, 'GET', path)).body as any;

    it('is applied whole, and the second time nothing changes', async () => {
      await deploy(TOOL);
      await deploy(TOOL);
      const { metadata, spec } = await read(
        '/apis/apps/v1/namespaces/default/deployments/tool',
      );
      expect(metadata.generation).toBe(1);
      expect(metadata.annotations['backstage.io/entity-ref']).toBe(
        'component:default/tool',
      );
      expect(spec.template.spec).toMatchObject({
        runtimeClassName: 'wasmtime',
        automountServiceAccountToken: false,
        containers: [
          {
            image: IMAGE,
            args: ['/data/in.txt'],
            env: [{ name: 'GREETING', value: 'Hello' }],
            resources: { limits: { memory: '128Mi' } },
            volumeMounts: [{ mountPath: '/data', readOnly: true }],
          },
        ],
        volumes: [{ persistentVolumeClaim: { claimName: 'data' } }],
      });
      const policy = await read(
        '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies/tool',
      );
      expect(policy.spec).toMatchObject({
        policyTypes: ['Ingress', 'Egress'],
        egress: [{}],
      });
      expect(policy.spec.ingress).toBeUndefined();
    });

    it('loses what it was given before and is not given any more', async () => {
      await deploy({ ...TOOL, args: [], folders: [], network: 'none' });
      const { spec } = await read(
        '/apis/apps/v1/namespaces/default/deployments/tool',
      );
      expect(spec.template.spec.volumes).toBeUndefined();
      expect(spec.template.spec.containers[0].args).toBeUndefined();
      const policy = await read(
        '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies/tool',
      );
      expect(policy.spec.egress).toBeUndefined();
    });

    it.each([false, true])(
      'is not taken by another entity (force: %s)',
      async force => {
        await deploy(TOOL);
        await expect(
          deploy(
            { ...TOOL, image: IMAGE.replace('tool', 'evil') },
            { entityRef: 'component:default/evil', kubernetesId: 'evil' },
            force,
          ),
        ).rejects.toMatchObject({
          code: 'MODULE_OWNED_BY_OTHER',
          message:
            'NetworkPolicy default/tool belongs to component:default/tool, not to component:default/evil.',
        });
        const { spec } = await read(
          '/apis/apps/v1/namespaces/default/deployments/tool',
        );
        expect(spec.template.spec.containers[0].image).toBe(IMAGE);
      },
    );

    it('does not take a Deployment that somebody made by hand', async () => {
      const [, deployment] = composeWorkload(
        { ...TOOL, name: 'by-hand' },
        OWNER,
      );
      await call(
        target,
        'POST',
        '/apis/apps/v1/namespaces/default/deployments',
        {
          body: {
            ...deployment,
            metadata: { name: 'by-hand', namespace: 'default' },
          },
        },
      );
      await expect(
        deploy({ ...TOOL, name: 'by-hand' }, OWNER, true),
      ).rejects.toMatchObject({
        code: 'MODULE_OWNED_BY_OTHER',
        message: expect.stringMatching(/has no annotation/),
      });
      expect(
        (
          await call(
            target,
            'GET',
            '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies/by-hand',
          )
        ).code,
      ).toBe(404);
    });

    it('is refused with the field that is wrong', async () => {
      await expect(
        deploy({ ...TOOL, name: 'wrong', replicas: -1 }),
      ).rejects.toMatchObject({ message: expect.stringMatching(/replicas/) });
    });
  },
);
