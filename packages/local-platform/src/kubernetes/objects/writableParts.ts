import type { ManagerKey } from '../apply/managedFields';
import type { KubernetesObject } from '../ObjectStore';
import type { ResourceDefinition } from '../resources/ResourceDefinition';

/** The stored object with the part that this endpoint may write taken from what was sent. */
export function writable(
  definition: ResourceDefinition,
  current: KubernetesObject,
  sent: KubernetesObject,
  subresource: string | undefined,
): KubernetesObject {
  if (!definition.subresources.includes('status')) {
    return sent;
  }
  const { status: sentStatus, ...sentRest } = sent as KubernetesObject & {
    status?: unknown;
  };
  const { status: keptStatus, ...keptRest } = current as KubernetesObject & {
    status?: unknown;
  };
  const [rest, status] =
    subresource === 'status' ? [keptRest, sentStatus] : [sentRest, keptStatus];
  return { ...rest, ...(status !== undefined && { status }) };
}

/** The part of a configuration that this endpoint writes. */
export function applicable(
  definition: ResourceDefinition,
  sent: KubernetesObject,
  manager: ManagerKey,
): KubernetesObject {
  const { status, ...rest } = sent as KubernetesObject & { status?: unknown };
  if (manager.subresource === 'status') {
    const { apiVersion, kind, metadata } = sent;
    const { name, namespace } = metadata;
    const only = { apiVersion, kind, metadata: { name, namespace } };
    return { ...only, ...(status !== undefined && { status }) };
  }
  return definition.subresources.includes('status') ? rest : sent;
}
