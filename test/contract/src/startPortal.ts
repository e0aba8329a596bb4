import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import wasiPlugin from '@wasi-functions/backstage-plugin-wasi-backend';
import type { KubernetesTarget } from '@wasi-functions/local-platform/testing';

/** The entity of the portal. */
export const ENTITY = '/api/wasi/v1/entities/component/default/pay';

/** The backend plugin over one cluster, `one`, with one entity. */
export async function startPortal(target: KubernetesTarget) {
  const { server, adminToken, caCertificate } = target;
  return startTestBackend({
    features: [
      wasiPlugin,
      catalogServiceMock.factory({
        entities: [
          {
            apiVersion: 'backstage.io/v1alpha1',
            kind: 'Component',
            metadata: { name: 'pay', namespace: 'default' },
            spec: {},
          },
        ],
      }),
      mockServices.rootConfig.factory({
        data: {
          kubernetes: {
            clusterLocatorMethods: [
              {
                type: 'config',
                clusters: [
                  {
                    name: 'one',
                    url: server,
                    authProvider: 'serviceAccount',
                    serviceAccountToken: adminToken,
                    caData: Buffer.from(caCertificate).toString('base64'),
                  },
                ],
              },
            ],
          },
        },
      }),
    ],
  });
}
