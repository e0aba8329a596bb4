import { createApiRef } from '@backstage/frontend-plugin-api';

/**
 * How the portal's Kubernetes plugin signs users in to clusters, where it is
 * installed; an API is found by its id, so its package is not needed for it.
 */
export const kubernetesAuthProvidersApiRef = createApiRef<{
  getCredentials(provider: string): Promise<{ token?: string }>;
}>().with({ id: 'plugin.kubernetes-auth-providers.service' });
