import type { Answer } from '@wasi-functions/local-platform/testing';
import type { KnativeCluster } from './KnativeCluster';
import type { Scenario } from './scenarios';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const ROLES = '/apis/rbac.authorization.k8s.io/v1/clusterroles';

/** Ways on which the cluster loses something for good, each after the other. */
export const scenariosOfDamage: Scenario[] = [
  {
    name: 'refused-definition-of-services-missing',
    before: ({ cluster }) => undefine(cluster, 'services.serving.knative.dev'),
  },
  {
    name: 'refused-rights-missing',
    before: async ({ cluster }) => {
      await cluster.send(
        'PATCH',
        `${ROLES}/knative-wasm-resources`,
        { rules: [] },
        'application/merge-patch+json',
      );
      await cluster.until('the rights to be gone', async () => {
        const { rules } = await cluster.send(
          'GET',
          `${ROLES}/knative-wasm-admin`,
        );
        return rules.every(
          ({ resources }: Answer) => !resources.includes('services'),
        );
      });
    },
  },
  {
    name: 'answer-definition-missing',
    before: ({ cluster }) =>
      undefine(cluster, 'wasmmodules.wasm.serving.knative.dev'),
  },
];

async function undefine(cluster: KnativeCluster, name: string): Promise<void> {
  await cluster.send('DELETE', `${DEFINITIONS}/${name}`);
  await cluster.until(`${name} to be gone`, async () => {
    const { items } = await cluster.send('GET', DEFINITIONS);
    return items.every(({ metadata }: Answer) => metadata.name !== name);
  });
}
