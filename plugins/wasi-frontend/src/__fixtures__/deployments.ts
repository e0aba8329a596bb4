import type {
  Deployment,
  DeploymentView,
  PlanAnswer,
  SyncView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { readyModule } from './modules';

const before = (now: number, seconds: number) =>
  new Date(now - seconds * 1000).toISOString();

const digestOf = (start: string) => `sha256:${start.padEnd(64, '0')}`;

/** Newest first: one that runs, one that failed, and those before. */
export function deployments(now: number): Deployment[] {
  const ref = { cluster: 'local', namespace: 'default', name: 'hello' };
  const shared = { entity: 'component:default/hello', ref };
  return [
    {
      ...shared,
      id: 'd4',
      action: 'update',
      origin: 'template',
      actor: 'user:default/jane',
      state: 'succeeded',
      image: `localhost:7450/functions/hello@${digestOf('5f2b8d1f0b1c')}`,
      digest: digestOf('5f2b8d1f0b1c'),
      size: 11_534_336,
      generation: 4,
      startedAt: before(now, 300),
      endedAt: before(now, 240),
    },
    {
      ...shared,
      id: 'd3',
      action: 'update',
      origin: 'catalog',
      actor: 'plugin:wasi',
      state: 'failed',
      message: 'The image was not found in the registry.',
      code: 'MODULE_IMAGE_PULL_FAILED',
      remedy: 'Check repository and tag, then deploy again.',
      image: 'localhost:7450/functions/hello:latest',
      generation: 3,
      startedAt: before(now, 4_000),
      endedAt: before(now, 3_900),
    },
    {
      ...shared,
      id: 'd2',
      action: 'update',
      origin: 'cluster',
      actor: 'kubectl-client-side-apply',
      state: 'superseded',
      image: `localhost:7450/functions/hello@${digestOf('9d377b10ce77')}`,
      digest: digestOf('9d377b10ce77'),
      generation: 2,
      startedAt: before(now, 4_100),
      endedAt: before(now, 4_000),
    },
    {
      ...shared,
      id: 'd1',
      action: 'create',
      origin: 'template',
      actor: 'user:other/john',
      state: 'succeeded',
      image: `localhost:7450/functions/hello@${digestOf('aa17c0ffee00')}`,
      digest: digestOf('aa17c0ffee00'),
      size: 10_485_760,
      generation: 1,
      startedAt: before(now, 200_000),
      endedAt: before(now, 199_990),
    },
  ];
}

/** What a deployment applied, against the one before it. */
export function deploymentView(
  deployment: Deployment,
  now: number,
): DeploymentView {
  return {
    deployment,
    ...(deployment.action !== 'delete' && { module: readyModule(now).module }),
    changes: [
      {
        path: 'spec.image',
        kind: 'changed',
        before: 'localhost:7450/functions/hello:latest',
        after: deployment.image,
      },
      { path: 'spec.env[GREETING].value', kind: 'added', after: 'Hello there' },
      {
        path: 'metadata.labels["team"]',
        kind: 'removed',
        before: 'guests',
      },
    ],
  };
}

/** A roll-back that changes the image and takes nothing of others. */
export function rollbackPlan(now: number): PlanAnswer {
  const { ref, module } = readyModule(now);
  return {
    ref,
    action: 'update',
    module,
    changes: [
      {
        path: 'spec.image',
        kind: 'changed',
        before: `localhost:7450/functions/hello@${digestOf('5f2b8d1f0b1c')}`,
        after: `localhost:7450/functions/hello@${digestOf('aa17c0ffee00')}`,
      },
    ],
    conflicts: [],
    findings: [],
    basis: 'b1',
  };
}

/** An entity that is kept in step in one environment and drifted in another. */
export function syncView(now: number): SyncView {
  return {
    enabled: true,
    findings: [],
    targets: [
      {
        environment: 'default',
        ref: { cluster: 'local', namespace: 'default', name: 'hello' },
        mode: 'apply',
        state: 'in-step',
        message: 'What runs is what the source says.',
        source: {
          url: 'https://git.example.com/functions/hello/func.yaml',
          revision: '4be1c2d0a1b2c3d4e5f60718293a4b5c6d7e8f90',
        },
        drift: [],
        lastRunAt: before(now, 120),
        nextRunAt: before(now, -180),
      },
      {
        environment: 'production',
        ref: { cluster: 'staging', namespace: 'shop', name: 'hello' },
        mode: 'pull-request',
        state: 'drifted',
        message: 'What runs differs from the source; a change is proposed.',
        source: { url: 'https://git.example.com/functions/hello/func.yaml' },
        drift: [
          {
            path: 'spec.image',
            kind: 'changed',
            before: 'registry.example.com/shop/hello:1.1.0',
            after: 'registry.example.com/shop/hello:1.2.0',
            owner: 'argocd-controller',
          },
        ],
        pullRequest: { url: 'https://git.example.com/functions/deploy/pull/7' },
        managedBy: 'argocd-controller',
        lastRunAt: before(now, 130),
        nextRunAt: before(now, -170),
      },
    ],
  };
}
