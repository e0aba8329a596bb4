import type {
  Volume,
  WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { RunnerFailure } from './RunnerFailure';

const WEBHOOK =
  'admission webhook "validation.webhook.serving.knative.dev" denied the request: validation failed: ';
const ALLOWED_KINDS = ['secret', 'configMap', 'projected', 'emptyDir'];
const RESERVED_PATHS = ['/', '/dev', '/dev/log'];
const MOUNT_FIELDS = ['name', 'readOnly', 'mountPath', 'subPath'];

/**
 * Refuses what the real controller or Knative's webhook refuses, in their words.
 *
 * @throws RunnerFailure `refused`
 * @internal
 */
export function checkSpec(module: WasmModule): void {
  const { env = [], volumes = [], volumeMounts = [] } = module.spec;
  const prefix = `failed to create Service "${module.metadata.name}": ${WEBHOOK}`;
  for (const { name, valueFrom } of env) {
    if (valueFrom) {
      throw refused(
        `failed to build WASI config: env var ${name}: valueFrom is not yet supported`,
      );
    }
  }
  for (const { name, mountPath } of volumeMounts) {
    if (!volumes.some(volume => volume.name === name)) {
      throw refused(
        `failed to build WASI config: volume mount ${mountPath} references ${name}: undefined volume reference`,
      );
    }
  }
  const autoscaling = Object.keys(module.metadata.annotations ?? {}).find(key =>
    key.startsWith('autoscaling.knative.dev/'),
  );
  if (autoscaling) {
    throw refused(
      `${prefix}autoscaling annotations must be put under "spec.template.metadata.annotations" to work: ${autoscaling}`,
    );
  }
  volumes.forEach((volume, index) => {
    const kind = kindOf(volume);
    const path = `spec.template.spec.volumes[${index}]`;
    if (!kind || !ALLOWED_KINDS.includes(kind)) {
      throw refused(`${prefix}${unsupported(kind, volume, path)}`);
    }
    if (!volumeMounts.some(mount => mount.name === volume.name)) {
      throw refused(
        `${prefix}volume with name ${volume.name} not mounted: ${path}.name`,
      );
    }
  });
  const seen = new Set<string>();
  volumeMounts.forEach((mount, index) => {
    const path = `spec.template.spec.containers[0].volumeMounts[${index}]`;
    const plain = mount.mountPath.replace(/\/+$/, '') || '/';
    const foreign = Object.keys(mount).find(
      field => !MOUNT_FIELDS.includes(field),
    );
    if (foreign) {
      throw refused(`${prefix}must not set the field(s): ${path}.${foreign}`);
    }
    if (
      !mount.mountPath.startsWith('/') ||
      mount.mountPath.split('/').includes('..') ||
      RESERVED_PATHS.includes(plain)
    ) {
      throw refused(
        `${prefix}invalid value: ${mount.mountPath}: ${path}.mountPath`,
      );
    }
    if (seen.has(plain)) {
      throw refused(
        `${prefix}"${mount.mountPath}" must be unique: ${path}.mountPath`,
      );
    }
    seen.add(plain);
  });
}

/** The one field of a volume that says what it is. */
export function kindOf(volume: Volume): string | undefined {
  return Object.keys(volume).find(
    field => field !== 'name' && volume[field] !== undefined,
  );
}

function unsupported(
  kind: string | undefined,
  volume: Volume,
  path: string,
): string {
  switch (kind) {
    case 'persistentVolumeClaim':
      return `Persistent volume claim support is disabled, but found persistent volume claim ${volume.persistentVolumeClaim?.claimName}: ${path}`;
    case 'hostPath':
      return `HostPath volume support is disabled, but found hostPath volume ${volume.name}: ${path}`;
    case undefined:
      return `expected exactly one, got neither: ${path}.secret, ${path}.configMap, ${path}.projected, ${path}.emptyDir`;
    default:
      return `must not set the field(s): ${path}.${kind}`;
  }
}

function refused(message: string): RunnerFailure {
  return new RunnerFailure('refused', message);
}
