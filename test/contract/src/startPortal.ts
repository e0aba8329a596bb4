import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import wasiPlugin from '@wasi-functions/backstage-plugin-wasi-backend';
import type { KubernetesTarget } from '@wasi-functions/local-platform/testing';
import { kubernetesConfig } from './kubernetesConfig';

/** The entity of the portal. */
export const ENTITY = '/api/wasi/v1/entities/component/default/pay';

/**
 * The backend plugin over one cluster, `one`, with one entity.
 *
 * @param options - `account`: how it signs in there; as its administrator by
 * default. `annotations`: of the entity.
 */
export async function startPortal(
  target: KubernetesTarget,
  options: {
    account?: { authProvider: string };
    annotations?: Record<string, string>;
  } = {},
) {
  const { annotations = {}, account } = options;
  return startTestBackend({
    features: [
      wasiPlugin,
      catalogServiceMock.factory({
        entities: [
          {
            apiVersion: 'backstage.io/v1alpha1',
            kind: 'Component',
            metadata: { name: 'pay', namespace: 'default', annotations },
            spec: {},
          },
        ],
      }),
      mockServices.rootConfig.factory({
        data: {
          kubernetes: kubernetesConfig(target, account),
        },
      }),
    ],
  });
}
