import { mockServices } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type {
  ImageVerifier,
  Workloads,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { parseAllDocuments } from 'yaml';
import { actionContexts } from '../../__testUtils__/actionContext';
import {
  createFakeVerifier,
  verifierThatIsOff,
} from '../../__testUtils__/verifiers';
import { createWorkloadDeployAction } from './createWorkloadDeployAction';

const IMAGE = `registry.example.com/team/tool@sha256:${'a'.repeat(64)}`;
const INPUT = {
  name: 'tool',
  image: IMAGE,
  entityRef: 'component:default/tool',
  runtimeClassName: 'wasmtime',
};

describe('wasi:workload:deploy', () => {
  const context = actionContexts();
  const permissions = mockServices.permissions.mock();
  let deployed: Parameters<Workloads['deploy']>[0][];
  const workloads: Workloads = {
    async deploy(options) {
      deployed.push(options);
      return { cluster: 'local' };
    },
  };
  const action = (verifier: ImageVerifier = verifierThatIsOff) =>
    createWorkloadDeployAction({
      workloads,
      verifier,
      permissions,
      catalog: catalogServiceMock({
        entities: [
          {
            apiVersion: 'backstage.io/v1alpha1',
            kind: 'Component',
            metadata: { name: 'tool' },
            spec: {},
          },
        ],
      }),
    });

  beforeEach(() => {
    deployed = [];
    permissions.authorize.mockReset();
    permissions.authorize.mockResolvedValue([
      { result: AuthorizeResult.ALLOW },
    ]);
  });

  it('applies what it shows: no network first, then the pods', async () => {
    const { ctx, outputs, lines } = await context({
      input: {
        ...INPUT,
        args: ['/data/in.txt'],
        folders: [{ guestPath: '/data', claim: 'data' }],
      },
    });
    await action().handler(ctx);
    expect(deployed).toHaveLength(1);
    const { objects, entityRef, force } = deployed[0];
    expect({ entityRef, force }).toEqual({
      entityRef: 'component:default/tool',
      force: false,
    });
    expect(
      parseAllDocuments(outputs.manifest as string).map(document =>
        document.toJS(),
      ),
    ).toEqual(objects);
    expect(objects.map(({ kind, metadata }) => [kind, metadata])).toEqual(
      ['NetworkPolicy', 'Deployment'].map(kind => [
        kind,
        {
          name: 'tool',
          namespace: 'default',
          labels: { 'backstage.io/kubernetes-id': 'tool' },
          annotations: { 'backstage.io/entity-ref': 'component:default/tool' },
        },
      ]),
    );
    expect(objects[0].spec).toEqual({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'tool' } },
      policyTypes: ['Ingress', 'Egress'],
    });
    expect(objects[1].spec).toMatchObject({
      replicas: 1,
      template: {
        spec: {
          runtimeClassName: 'wasmtime',
          containers: [
            {
              image: IMAGE,
              args: ['/data/in.txt'],
              resources: { limits: { memory: '128Mi' } },
              volumeMounts: [{ mountPath: '/data', readOnly: true }],
            },
          ],
        },
      },
    });
    expect(lines).toContain(
      'Applied Deployment default/tool in local, runtime class wasmtime.',
    );
  });

  it.each(['registry.example.com/team/tool:1.0.0', `${IMAGE}0`, 'tool'])(
    'refuses the image %s, which is not named by its digest',
    async image => {
      const { ctx } = await context({ input: { ...INPUT, image } });
      await expect(action().handler(ctx)).rejects.toMatchObject({
        code: 'IMAGE_REFERENCE_INVALID',
      });
      expect(deployed).toEqual([]);
    },
  );

  it('refuses an image without the signature that is asked for', async () => {
    const { ctx } = await context({ input: INPUT });
    await expect(
      action(createFakeVerifier('enforce')).handler(ctx),
    ).rejects.toMatchObject({ code: 'IMAGE_NOT_SIGNED' });
    expect(deployed).toEqual([]);
  });

  it('refuses a user who may not change the entity', async () => {
    permissions.authorize.mockResolvedValue([{ result: AuthorizeResult.DENY }]);
    const { ctx } = await context({ input: INPUT });
    await expect(action().handler(ctx)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    expect(deployed).toEqual([]);
  });

  it('applies nothing in a dry run, and shows what it would', async () => {
    const { ctx, outputs } = await context({ input: INPUT, isDryRun: true });
    await action().handler(ctx);
    expect(deployed).toEqual([]);
    expect(outputs.manifest).toContain('runtimeClassName: wasmtime');
  });
});
