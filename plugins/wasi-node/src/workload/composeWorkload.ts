import {
  ANNOTATION_ENTITY_REF,
  LABEL_KUBERNETES_ID,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { checkWorkload } from './checkWorkload';
import type { Workload, WorkloadObject } from './types';

/** How crun knows a module; see https://github.com/containers/crun/blob/main/docs/wasm-wasi-example.md */
const VARIANT = 'module.wasm.image/variant';

/**
 * The objects that a workload is made of, in the order to apply them: first what
 * it may reach, then what runs.
 *
 * @throws `WasiError` INPUT_INVALID where a field is not what Kubernetes takes.
 * @public
 */
export function composeWorkload(
  workload: Workload,
  owner: { entityRef: string; kubernetesId: string },
): WorkloadObject[] {
  checkWorkload(workload);
  const { name, folders = [], network = 'none' } = workload;
  const metadata = {
    name,
    namespace: workload.namespace ?? 'default',
    labels: { [LABEL_KUBERNETES_ID]: owner.kubernetesId },
    annotations: { [ANNOTATION_ENTITY_REF]: owner.entityRef },
  };
  const selector = { matchLabels: { 'app.kubernetes.io/name': name } };
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata,
      spec: {
        podSelector: selector,
        policyTypes: ['Ingress', 'Egress'],
        // Without rules, a direction that is named is closed.
        ...(network === 'all' && { ingress: [{}] }),
        ...(network !== 'none' && { egress: [{}] }),
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: workload.replicas ?? 1,
        selector,
        template: {
          metadata: {
            labels: { ...selector.matchLabels, ...metadata.labels },
            annotations: { [VARIANT]: 'compat-smart' },
          },
          spec: {
            runtimeClassName: workload.runtimeClassName,
            automountServiceAccountToken: false,
            containers: [containerOf(workload)],
            ...(folders.length > 0 && {
              volumes: folders.map(({ claim }, index) => ({
                name: `folder-${index + 1}`,
                persistentVolumeClaim: { claimName: claim },
              })),
            }),
          },
        },
      },
    },
  ];
}

function containerOf(workload: Workload): Record<string, unknown> {
  const { image, args = [], env = {}, folders = [], limits } = workload;
  return {
    name: 'module',
    image,
    ...(args.length > 0 && { args: [...args] }),
    ...(Object.keys(env).length > 0 && {
      env: Object.entries(env).map(([name, value]) => ({ name, value })),
    }),
    resources: {
      limits: {
        memory: limits?.memory ?? '128Mi',
        ...(limits?.cpu && { cpu: limits.cpu }),
      },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    ...(folders.length > 0 && {
      volumeMounts: folders.map(({ guestPath, readOnly = true }, index) => ({
        name: `folder-${index + 1}`,
        mountPath: guestPath,
        readOnly,
      })),
    }),
  };
}
