import {
  createBackendModule,
  type BackendFeature,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  wasiClustersExtensionPoint,
  type Clusters,
} from '@wasi-functions/backstage-plugin-wasi-node';
import wasiPlugin from '..';

/** What a configuration file may hold. */
export type ConfigData = NonNullable<
  NonNullable<Parameters<typeof mockServices.rootConfig.factory>[0]>['data']
>;

/**
 * Starts the whole plugin on clusters and a catalog of a test.
 *
 * `deny` names the one permission that nobody has; `audit` is told how each
 * audited event ended; `wasi` and `config` add to the configuration.
 *
 * @internal
 */
export async function startWasiBackend(options: {
  clusters: Clusters;
  entities: Entity[];
  deny?: string;
  audit?: (event: object) => void;
  wasi?: ConfigData;
  config?: ConfigData;
  features?: BackendFeature[];
}) {
  const { clusters, entities, deny, audit, wasi } = options;
  const auditor = mockServices.auditor.mock({
    createEvent: async event => {
      const { request: _, ...about } = event;
      return {
        success: async () => audit?.({ ...about, ended: 'success' }),
        fail: async ({ error }) => audit?.({ ...about, ended: error.name }),
      };
    },
  });
  return startTestBackend({
    features: [
      wasiPlugin,
      catalogServiceMock.factory({ entities }),
      auditor.factory,
      mockServices.rootConfig.factory({
        data: {
          ...options.config,
          wasi: {
            toolchains: { directory: '/nowhere' },
            registries: [{ host: 'localhost:5000', prefix: 'team' }],
            ...wasi,
          },
        },
      }),
      mockServices.permissions.mock({
        authorize: async requests =>
          requests.map(({ permission }) => ({
            result:
              permission.name === deny
                ? AuthorizeResult.DENY
                : AuthorizeResult.ALLOW,
          })),
      }).factory,
      createBackendModule({
        pluginId: 'wasi',
        moduleId: 'fake-clusters',
        register(env) {
          env.registerInit({
            deps: { point: wasiClustersExtensionPoint },
            async init({ point }) {
              point.setClusters(clusters);
            },
          });
        },
      }),
      ...(options.features ?? []),
    ],
  });
}
