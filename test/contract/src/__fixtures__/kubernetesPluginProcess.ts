// A backend with the real Kubernetes plugin and clusters as a custom supplier names
// them; tells where it is, and gives out the tokens that the plugin wasi has there.
import type { AddressInfo } from 'node:net';
import { createBackend } from '@backstage/backend-defaults';
import {
  rootHttpRouterServiceFactory,
  type RootHttpRouterConfigureContext,
} from '@backstage/backend-defaults/rootHttpRouter';
import {
  coreServices,
  createBackendModule,
  createBackendPlugin,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import { kubernetesClusterSupplierExtensionPoint } from '@backstage/plugin-kubernetes-node';

const clusters = JSON.parse(process.argv[2]);
const backend = createBackend();
let server: RootHttpRouterConfigureContext['server'];
const port = () => (server.address() as AddressInfo).port;

backend.add(
  mockServices.rootConfig.factory({
    data: {
      backend: {
        baseUrl: 'http://127.0.0.1',
        listen: { host: '127.0.0.1', port: 0 },
        database: { client: 'better-sqlite3', connection: ':memory:' },
      },
      kubernetes: {
        serviceLocatorMethod: { type: 'multiTenant' },
        clusterLocatorMethods: [],
      },
    },
  }),
);
backend.add(
  rootHttpRouterServiceFactory({
    configure(context) {
      server = context.server;
      context.applyDefaults();
    },
  }),
);
backend.add(
  // The port is known when it listens.
  createServiceFactory({
    service: coreServices.discovery,
    deps: {},
    factory: () => {
      const url = async (id: string) => `http://127.0.0.1:${port()}/api/${id}`;
      return { getBaseUrl: url, getExternalBaseUrl: url };
    },
  }),
);
backend.add(import('@backstage/plugin-kubernetes-backend'));
backend.add(
  createBackendModule({
    pluginId: 'kubernetes',
    moduleId: 'clusters',
    register(env) {
      env.registerInit({
        deps: { supplier: kubernetesClusterSupplierExtensionPoint },
        async init({ supplier }) {
          supplier.addClusterSupplier({ getClusters: async () => clusters });
        },
      });
    },
  }),
);
backend.add(
  createBackendPlugin({
    pluginId: 'wasi',
    register(env) {
      env.registerInit({
        deps: {
          auth: coreServices.auth,
          lifecycle: coreServices.rootLifecycle,
        },
        async init({ auth, lifecycle }) {
          process.on('message', async targetPluginId => {
            process.send!(
              await auth.getPluginRequestToken({
                onBehalfOf: await auth.getOwnServiceCredentials(),
                targetPluginId: String(targetPluginId),
              }),
            );
          });
          lifecycle.addStartupHook(() => {
            setImmediate(() => process.send!({ port: port() }));
          });
        },
      });
    },
  }),
);

backend.start().catch(error => {
  console.error(error);
  process.exit(1);
});
