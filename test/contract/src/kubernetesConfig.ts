import type { KubernetesTarget } from '@wasi-functions/local-platform/testing';

/**
 * The configuration of a portal that has a target as its cluster `one`.
 *
 * @param account - How it signs in there; as its administrator by default.
 */
export function kubernetesConfig(
  target: Pick<KubernetesTarget, 'server' | 'adminToken' | 'caCertificate'>,
  account: { authProvider: string; serviceAccountToken?: string } = {
    authProvider: 'serviceAccount',
    serviceAccountToken: target.adminToken,
  },
) {
  return {
    clusterLocatorMethods: [
      {
        type: 'config',
        clusters: [
          {
            name: 'one',
            url: target.server,
            ...account,
            caData: Buffer.from(target.caCertificate).toString('base64'),
          },
        ],
      },
    ],
  };
}
