import { stringify } from 'yaml';

/**
 * A kubeconfig for one user of the embedded API, everything embedded.
 *
 * @public
 */
export function kubeconfig(options: {
  server: string;
  /** PEM. */
  caCertificate: string;
  token: string;
  /** Name of cluster, user and context. */
  context?: string;
}): string {
  const name = options.context ?? 'local';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [
      {
        name,
        cluster: {
          server: options.server,
          'certificate-authority-data': Buffer.from(
            options.caCertificate,
          ).toString('base64'),
        },
      },
    ],
    users: [{ name, user: { token: options.token } }],
    contexts: [
      { name, context: { cluster: name, user: name, namespace: 'default' } },
    ],
  });
}
