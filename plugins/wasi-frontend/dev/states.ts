import {
  WasiError,
  type ModuleListAnswer,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  failedModule,
  progressingModule,
  readyModule,
} from '../src/__fixtures__/modules';
import { StoredWasiApi } from '../src/__fixtures__/StoredWasiApi';

const none: ModuleListAnswer = { items: [], problems: [], missing: [] };

const unreachable = {
  cluster: 'staging',
  code: 'CLUSTER_UNREACHABLE' as const,
  message: 'Cluster staging did not answer within 10 seconds.',
  remedy: 'Check that its API server is running and its address is right.',
};

/** The states that the dev app shows, by the name in the address. */
export const states: Record<string, () => StoredWasiApi> = {
  full: () => new StoredWasiApi({ ...none, items: [readyModule(Date.now())] }),
  several: () =>
    new StoredWasiApi({
      items: [
        failedModule(Date.now()),
        readyModule(Date.now()),
        progressingModule(Date.now()),
      ],
      problems: [unreachable],
      missing: [{ cluster: 'local', namespace: 'default', name: 'mailer' }],
    }),
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
