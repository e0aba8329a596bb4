import type {
  AuthService,
  DiscoveryService,
  LifecycleService,
  LoggerService,
} from '@backstage/backend-plugin-api';

/**
 * The services by which the portal's Kubernetes plugin is asked for the clusters
 * that it alone can find or log in to.
 *
 * @public
 */
export interface ClusterPortal {
  auth: AuthService;
  discovery: DiscoveryService;
  lifecycle: Pick<LifecycleService, 'addShutdownHook'>;
  logger: LoggerService;
}

/** Where the Kubernetes plugin is, and what it takes us by. @internal */
export async function openKubernetesPlugin(
  portal: Pick<ClusterPortal, 'auth' | 'discovery'>,
): Promise<{ baseUrl: string; authorization: string }> {
  const { auth, discovery } = portal;
  const { token } = await auth.getPluginRequestToken({
    onBehalfOf: await auth.getOwnServiceCredentials(),
    targetPluginId: 'kubernetes',
  });
  return {
    baseUrl: await discovery.getBaseUrl('kubernetes'),
    authorization: `Bearer ${token}`,
  };
}
