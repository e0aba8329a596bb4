import type { KubernetesBuildConfig } from '../../../config';
import type { BuildLimits } from '../buildLimits';

/** Nobody in particular: the images need no account. */
const USER = 10_001;
/** How long a job stays to be looked at, where we did not remove it. */
const KEPT_SECONDS = 300;
const MEBIBYTE = 1024 * 1024;

/** Label of all that belongs to one build. */
export const BUILD_LABEL = 'wasi-functions.dev/build';
export const CONTAINER = 'build';

/**
 * The job of one build: a pod of the restricted Pod Security Standard that
 * waits for commands.
 *
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/
 *
 * @internal
 */
export function buildJob(options: {
  name: string;
  runtime: string;
  image: string;
  /** Path in the pod, the same as here: arguments need no translation. */
  scratch: string;
  /** Its recipe downloads dependencies; for network policies to select. */
  network: boolean;
  seconds: number;
  limits: BuildLimits;
  /** Secret with the variables of the operator. */
  secret?: string;
  config: KubernetesBuildConfig;
}) {
  const { name, image, scratch, seconds, limits, secret, config } = options;
  const labels = {
    'app.kubernetes.io/managed-by': 'backstage-wasi',
    'app.kubernetes.io/component': 'build',
    [BUILD_LABEL]: name,
    'wasi-functions.dev/runtime': options.runtime,
    'wasi-functions.dev/network': String(options.network),
  };
  const disk = bytes(limits.diskBytes);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: config.namespace, labels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: seconds,
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 0,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          ...(config.serviceAccountName && {
            serviceAccountName: config.serviceAccountName,
          }),
          securityContext: {
            runAsNonRoot: true,
            runAsUser: USER,
            runAsGroup: USER,
            fsGroup: USER,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: CONTAINER,
              image,
              command: ['sleep', String(seconds)],
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'] },
                readOnlyRootFilesystem: true,
              },
              resources: {
                requests: {
                  cpu: '250m',
                  memory: '512Mi',
                  ...config.resources?.requests,
                },
                limits: {
                  ...(limits.memoryBytes !== Infinity && {
                    memory: bytes(limits.memoryBytes),
                  }),
                  ...(limits.cpus !== undefined && {
                    cpu: String(limits.cpus),
                  }),
                  ...(disk && { 'ephemeral-storage': disk }),
                  ...config.resources?.limits,
                },
              },
              ...(secret && { envFrom: [{ secretRef: { name: secret } }] }),
              volumeMounts: [
                { name: 'build', mountPath: scratch },
                { name: 'tmp', mountPath: '/tmp' },
              ],
            },
          ],
          volumes: [
            { name: 'build', emptyDir: disk ? { sizeLimit: disk } : {} },
            { name: 'tmp', emptyDir: disk ? { sizeLimit: disk } : {} },
          ],
        },
      },
    },
  };
}

/**
 * What the tools of a build read from their environment, for as long as its job is.
 *
 * @internal
 */
export function buildSecret(options: {
  name: string;
  namespace: string;
  env: Record<string, string>;
  job: { name: string; uid: string };
}) {
  const { name, namespace, env, job } = options;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      labels: { [BUILD_LABEL]: job.name },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', ...job }],
    },
    stringData: env,
  };
}

function bytes(value: number): string | undefined {
  return value === Infinity ? undefined : `${Math.ceil(value / MEBIBYTE)}Mi`;
}
