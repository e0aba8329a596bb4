import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { loadCertificates } from './certificates/loadCertificates';
import { kubeconfig } from './kubeconfig';
import type { LogSource } from './LogSource';
import { createObjectStore } from './objects/createObjectStore';
import { NamespaceLifecycle } from './objects/NamespaceLifecycle';
import { keyOf, ResourceObjects } from './objects/ResourceObjects';
import { seedObjects } from './objects/seedObjects';
import { startEventExpiry } from './objects/startEventExpiry';
import type { ObjectStore } from './ObjectStore';
import { VersionedObjects } from './persistence/VersionedObjects';
import { AccountTokens } from './rbac/AccountTokens';
import { Authenticator } from './rbac/Authenticator';
import { ADMINISTRATOR_RULES, BACKSTAGE_RULES } from './rbac/authorize';
import { Authorizer } from './rbac/Authorizer';
import { loadTokens } from './rbac/loadTokens';
import type { KubernetesUser } from './rbac/PolicyRule';
import { followDefinitions } from './resources/followDefinitions';
import { ResourceRegistry } from './resources/ResourceRegistry';
import { serviceAccounts } from './resources/serviceAccounts';
import type { ApiContext } from './server/ApiRequest';
import { createRequestHandler } from './server/createRequestHandler';

/**
 * An embedded Kubernetes API that runs.
 *
 * @public
 */
export interface KubernetesApi {
  /** Such as `https://127.0.0.1:7443`. */
  server: string;
  /** Of the authority that signed the server's certificate (PEM). */
  caCertificate: string;
  adminToken: string;
  /** File that holds the administrator's token. */
  adminTokenPath: string;
  /** The portal's own account, which may do no more than the portal needs. */
  backstageToken: string;
  backstageTokenPath: string;
  store: ObjectStore;
  /** A kubeconfig with the context `local`, of the administrator. */
  kubeconfig(): string;
  close(): Promise<void>;
}

/**
 * Starts the part of a Kubernetes API that WasmModules need, for `kubectl`
 * and other clients on this machine.
 *
 * @param options - `directory`: where objects, certificates and tokens are
 * kept; one process at a time. `port`: 0 takes a free one. `users`: besides
 * the administrator and the portal's account. `historyLength`: how many
 * changes a watch can go back.
 *
 * @public
 */
export async function startKubernetesApi(options: {
  directory: string;
  host?: string;
  port: number;
  logSource: LogSource;
  users?: KubernetesUser[];
  historyLength?: number;
  clock?: () => Date;
  onError?: (error: unknown) => void;
}): Promise<KubernetesApi> {
  const { directory, host = '127.0.0.1', logSource } = options;
  const clock = options.clock ?? (() => new Date());
  const certificates = await loadCertificates(directory, {
    hosts: [...new Set(['localhost', '127.0.0.1', '::1', host])],
    now: clock(),
  });
  const tokens = loadTokens(directory);
  const versioned = VersionedObjects.open(join(directory, 'objects'), {
    // A folder that was deleted must not bring back versions that clients remember.
    firstVersion: Math.floor(clock().getTime() / 1000),
    historyLength: options.historyLength,
  });
  const accountTokens = new AccountTokens({
    key: tokens.signingKey,
    clock,
    uidOf: ({ namespace, name }) =>
      versioned.get(keyOf(serviceAccounts, namespace, name))?.metadata.uid,
  });
  const authenticator = new Authenticator(
    [
      {
        name: 'admin',
        groups: ['system:masters'],
        token: tokens.admin,
        rules: ADMINISTRATOR_RULES,
      },
      {
        name: 'system:serviceaccount:default:backstage',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:default'],
        token: tokens.backstage,
        rules: BACKSTAGE_RULES,
      },
      ...(options.users ?? []),
    ],
    accountTokens,
  );

  const registry = new ResourceRegistry();
  followDefinitions(versioned, registry);
  const namespaces = new NamespaceLifecycle(versioned, registry);
  const objects = new ResourceObjects(versioned, namespaces, clock);
  const closing = new AbortController();
  const api: ApiContext = {
    objects,
    registry,
    logSource,
    clock,
    closing: closing.signal,
  };
  const server = createServer(
    { cert: certificates.certificate, key: certificates.key },
    createRequestHandler({
      api,
      authenticator,
      authorizer: new Authorizer(versioned),
      accountTokens,
      report: options.onError ?? (error => process.emitWarning(error as Error)),
    }),
  );
  try {
    seedObjects(objects);
    objects.resume();
    server.listen(options.port, host);
    await once(server, 'listening');
  } catch (error) {
    versioned.close();
    throw error;
  }
  const stopExpiry = startEventExpiry(objects, clock);
  const { port } = server.address() as AddressInfo;
  const address = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    server: address,
    caCertificate: certificates.ca,
    adminToken: tokens.admin,
    adminTokenPath: tokens.adminPath,
    backstageToken: tokens.backstage,
    backstageTokenPath: tokens.backstagePath,
    store: createObjectStore(objects, registry),
    kubeconfig: () =>
      kubeconfig({
        server: address,
        caCertificate: certificates.ca,
        token: tokens.admin,
      }),
    close: async () => {
      stopExpiry();
      closing.abort();
      await closeServer(server);
      versioned.close();
    },
  };
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  // Watches have been ended; whatever else is still open is given no more time.
  setImmediate(() => server.closeAllConnections());
  await closed;
}
