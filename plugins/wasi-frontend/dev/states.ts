import {
  WasiError,
  type ModuleListAnswer,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { rollbackPlan } from '../src/__fixtures__/deployments';
import {
  backendInfo,
  failedModule,
  progressingModule,
  readyModule,
} from '../src/__fixtures__/modules';
import { StoredWasiApi } from '../src/__fixtures__/StoredWasiApi';

const none: ModuleListAnswer = { items: [], problems: [], missing: [] };

const unreachable = {
  cluster: 'edge',
  code: 'CLUSTER_UNREACHABLE' as const,
  message: 'Cluster edge did not answer within 10 seconds.',
  remedy: 'Check that its API server is running and its address is right.',
};

const broken = new WasiError('BACKEND_UNREACHABLE', {
  message: 'Could not read it: the connection failed.',
});

const signedOut = new WasiError('CLUSTER_TOKEN_MISSING', {
  message:
    'Cluster "gke" shows its modules only to users with a token of google.',
  remedy: 'Sign in to google to see them.',
});

/** The states that the dev app shows, by the name in the address. */
export const states: Record<string, () => StoredWasiApi> = {
  full: () => {
    const api = new StoredWasiApi({
      ...none,
      items: [readyModule(Date.now())],
    });
    api.info = {
      ...backendInfo,
      clusters: [
        { name: 'local', identity: { kind: 'impersonation', name: 'jane' } },
      ],
    };
    api.stream = [
      { line: 'pulled the image', source: 'runner' },
      { line: 'module started', source: 'module' },
      { line: 'GET / 200 3 ms', source: 'module' },
    ];
    return api;
  },
  'signed-out': () => {
    const hello = readyModule(Date.now());
    const api = new StoredWasiApi({
      ...none,
      items: [hello],
      userTokens: [{ cluster: 'gke', provider: 'google', expected: true }],
    });
    api.lanes.gke = signedOut;
    api.lanesOnceSignedIn.gke = {
      ...none,
      items: [{ ...hello, ref: { ...hello.ref, cluster: 'gke' } }],
    };
    return api;
  },
  several: () => {
    const hello = readyModule(Date.now());
    const api = new StoredWasiApi({
      items: [
        failedModule(Date.now()),
        hello,
        progressingModule(Date.now()),
        {
          ...hello,
          ref: { ...hello.ref, cluster: 'production' },
          module: {
            ...hello.module,
            spec: {
              ...hello.module.spec,
              image: 'ghcr.io/acme/hello:1.1.0',
            },
          },
          health: {
            state: 'idle',
            message: 'Scaled to zero: the first request takes longer.',
          },
        },
      ],
      problems: [unreachable],
      missing: [{ cluster: 'local', namespace: 'default', name: 'mailer' }],
    });
    api.info = {
      ...backendInfo,
      clusters: [
        { name: 'local', identity: { kind: 'impersonation', name: 'jane' } },
        { name: 'production', identity: { kind: 'user-token' } },
        {
          name: 'edge',
          identity: {
            kind: 'service-account',
            name: 'system:serviceaccount:backstage:backstage',
          },
        },
      ],
    };
    return api;
  },
  conflict: () => {
    const api = new StoredWasiApi({
      ...none,
      items: [readyModule(Date.now())],
    });
    api.plan = {
      ...rollbackPlan(Date.now()),
      conflicts: [
        {
          path: 'spec.env[LOG_LEVEL].value',
          kind: 'changed',
          before: 'debug',
          after: 'info',
          owner: 'argocd-controller',
        },
      ],
    };
    api.stream = broken;
    return api;
  },
  broken: () => {
    const api = new StoredWasiApi({
      ...none,
      items: [readyModule(Date.now())],
    });
    api.history = broken;
    api.sync = broken;
    api.logs = broken;
    api.artifact = broken;
    return api;
  },
  loading: () => new StoredWasiApi(new Promise(() => {})),
  empty: () => new StoredWasiApi(none),
  'not-linked': () =>
    new StoredWasiApi(
      new WasiError('ENTITY_NOT_LINKED', {
        message: 'component:default/hello names no module.',
      }),
    ),
  error: () =>
    new StoredWasiApi(
      new WasiError('CLUSTER_NOT_CONFIGURED', {
        message: 'No cluster is configured for this portal.',
      }),
    ),
  stale: () => {
    const api = new StoredWasiApi({
      ...none,
      items: [readyModule(Date.now())],
    });
    setTimeout(() => {
      api.list = new WasiError('BACKEND_UNREACHABLE', {
        message: 'Could not list the modules of hello: the connection failed.',
      });
    }, 1_000);
    return api;
  },
};
