import { pathSegment } from '../pathSegment';
import type { KubernetesResource } from '../KubernetesResource';
import { readEvent } from './readEvent';
import { readRevision } from './readRevision';
import { readService } from './readService';
import type { Companion, CompanionResource } from './types';

const SERVING = '/apis/serving.knative.dev/v1';

/** How each companion resource is asked for and read. @internal */
export const companionResources: Record<
  CompanionResource,
  KubernetesResource<Companion>
> = {
  services: {
    label: 'Knative Services',
    path: namespace => pathOf(SERVING, 'services', namespace),
    read: readService,
  },
  revisions: {
    label: 'Knative Revisions',
    path: namespace => pathOf(SERVING, 'revisions', namespace),
    read: readRevision,
  },
  events: {
    label: 'events',
    path: namespace => pathOf('/api/v1', 'events', namespace),
    read: readEvent,
  },
};

function pathOf(api: string, plural: string, namespace?: string): string {
  const scope = namespace ? `/namespaces/${pathSegment(namespace)}` : '';
  return `${api}${scope}/${plural}`;
}
