import type { Finding } from '../diagnosis';
import { parseQuantity, type WasmModule } from '../wasmModule';
import { finding } from './finding';
import type { NamespaceQuota, PreflightFacts } from './preflight';

const KNATIVE_SERVICES = 'count/services.serving.knative.dev';
const PODS = ['pods', 'count/pods'];

/**
 * Whether the namespace has room for the Service and one pod of the module:
 * an update starts the new pod before the old one goes.
 *
 * @internal
 */
export function checkQuotas(
  module: WasmModule,
  { quotas = [], exists = false }: PreflightFacts,
): Finding[] {
  return quotas.flatMap(quota =>
    Object.entries(quota.hard).flatMap(([resource, limit]) => {
      const wanted = wantedOf(module, { resource, exists });
      if (wanted === undefined) {
        return [];
      }
      return wanted === 'unset'
        ? [unset(quota, resource)]
        : exceeded({ quota, resource, limit, wanted, module });
    }),
  );
}

interface Wanted {
  amount: number;
  shown: string;
  path: string;
}

/** Undefined where the quota does not limit the module. */
function wantedOf(
  { spec }: WasmModule,
  { resource, exists }: { resource: string; exists: boolean },
): Wanted | 'unset' | undefined {
  if (PODS.includes(resource)) {
    return { amount: 1, shown: '1', path: 'metadata.namespace' };
  }
  if (resource === KNATIVE_SERVICES) {
    return exists
      ? undefined
      : { amount: 1, shown: '1', path: 'metadata.namespace' };
  }
  const [, kind = 'requests', name] =
    /^(?:(requests|limits)\.)?(cpu|memory)$/.exec(resource) ?? [];
  if (name === undefined) {
    return undefined;
  }
  const limit = spec.resources?.limits?.[name];
  const request = spec.resources?.requests?.[name];
  // Kubernetes takes the limit for a request that is not set.
  const quantity = kind === 'limits' ? limit : request ?? limit;
  if (quantity === undefined) {
    return 'unset';
  }
  const amount = parseQuantity(quantity);
  const from = kind === 'limits' || request === undefined ? 'limits' : kind;
  return amount === undefined
    ? undefined
    : {
        amount,
        shown: String(quantity),
        path: `spec.resources.${from}.${name}`,
      };
}

function exceeded(of: {
  quota: NamespaceQuota;
  resource: string;
  limit: string;
  wanted: Wanted;
  module: WasmModule;
}): Finding[] {
  const { quota, resource, limit, wanted, module } = of;
  const most = parseQuantity(limit);
  const used = parseQuantity(quota.used[resource] ?? '0');
  if (most === undefined || used === undefined) {
    return [];
  }
  const namespace = module.metadata.namespace ?? 'default';
  const { amount, shown, path } = wanted;
  if (amount > most) {
    return [
      finding('error', 'NAMESPACE_QUOTA_EXCEEDED', {
        message: `The module takes ${shown} of ${resource}, and the quota ${quota.name} of namespace ${namespace} allows ${limit} in all: no pod of it could start`,
        path,
        remedy: 'Lower what the module takes, or have the quota raised.',
      }),
    ];
  }
  return amount + used > most
    ? [
        finding('warning', 'NAMESPACE_QUOTA_EXCEEDED', {
          message: `The module takes ${shown} of ${resource}, and of the ${limit} that the quota ${
            quota.name
          } of namespace ${namespace} allows ${
            quota.used[resource] ?? '0'
          } are used: it starts when something else ends`,
          path,
        }),
      ]
    : [];
}

function unset(quota: NamespaceQuota, resource: string): Finding {
  const [kind, name] = resource.includes('.')
    ? resource.split('.')
    : ['requests', resource];
  return finding('warning', 'NAMESPACE_QUOTA_EXCEEDED', {
    message: `The quota ${quota.name} limits ${resource}, and the module says nothing of it: unless a LimitRange of the namespace does, no pod of it starts`,
    path: 'spec.resources',
    remedy: `Set \`deploy.options.resources.${kind}.${name}\`, or have a LimitRange made.`,
  });
}
