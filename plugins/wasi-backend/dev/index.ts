import { createBackend } from '@backstage/backend-defaults';
import { createBackendModule } from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { wasiClustersExtensionPoint } from '@wasi-functions/backstage-plugin-wasi-node';
import {
  createFakeClusters,
  FakeWasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node/testing';

// The plugin alone, on a cluster in memory: `npm start` here, then
// curl http://localhost:7007/api/wasi/v1/entities/component/default/hello/modules
const cluster = new FakeWasmModuleClient('memory', [
  {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: {
      name: 'hello',
      namespace: 'default',
      annotations: { 'backstage.io/entity-ref': 'component:default/hello' },
    },
    spec: { image: 'localhost:7450/functions/hello:latest' },
  },
]);
cluster.setReady(
  { namespace: 'default', name: 'hello' },
  'http://localhost:7500/',
);

const backend = createBackend();
backend.add(mockServices.auth.factory());
backend.add(mockServices.httpAuth.factory());
// The repository's app-config.yaml turns permissions on; nothing here decides them.
backend.add(
  mockServices.permissions.factory({ result: AuthorizeResult.ALLOW }),
);
backend.add(
  catalogServiceMock.factory({
    entities: [
      {
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'Component',
        metadata: { name: 'hello', namespace: 'default' },
        spec: { type: 'wasm-function', owner: 'guests', lifecycle: 'test' },
      },
    ],
  }),
);
backend.add(
  createBackendModule({
    pluginId: 'wasi',
    moduleId: 'memory-cluster',
    register(env) {
      env.registerInit({
        deps: { clusters: wasiClustersExtensionPoint },
        async init({ clusters }) {
          clusters.setClusters(createFakeClusters([cluster]));
        },
      });
    },
  }),
);
backend.add(import('../src'));
backend.start();
