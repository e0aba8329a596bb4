import { posix } from 'node:path';
import type {
  Volume,
  WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { RunnerFailure } from './RunnerFailure';

const { isAbsolute, normalize } = posix;
const WEBHOOK =
  'admission webhook "validation.webhook.serving.knative.dev" denied the request: validation failed: ';
const ALLOWED_KINDS = ['secret', 'configMap', 'projected', 'emptyDir'];
const RESERVED_PATHS = ['/', '/dev', '/dev/log'];
const LONGEST_NAME = 63;
const DNS_1035_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const MOUNT_FIELDS = ['name', 'readOnly', 'mountPath', 'subPath'];

/**
 * Refuses what the real controller or Knative's webhook refuses, in their words
 * (test/knative has them as captured).
 *
 * @param options - `isNew`: name and annotations go to Knative with the first version
 * alone.
 * @throws RunnerFailure `refused`
 * @internal
 */
export function checkSpec(
  module: WasmModule,
  options: { isNew: boolean },
): void {
  const { env = [], volumes = [], volumeMounts = [] } = module.spec;
  for (const { name, valueFrom } of env) {
    if (valueFrom) {
      throw refused(
        `failed to build runner config: env var ${name}: valueFrom is not yet supported`,
      );
    }
  }
  for (const { name, mountPath } of volumeMounts) {
    if (!volumes.some(volume => volume.name === name)) {
      throw refused(
        `failed to build runner config: volume mount ${mountPath} references ${name}: undefined volume reference`,
      );
    }
  }
  if (options.isNew) {
    checkMetadata(module);
  }
  volumes.forEach((volume, index) => {
    const kind = kindOf(volume);
    const path = `spec.template.spec.volumes[${index}]`;
    if (!kind || !ALLOWED_KINDS.includes(kind)) {
      throw refused(`${WEBHOOK}${unsupported(kind, volume, path)}`);
    }
    if (!volumeMounts.some(mount => mount.name === volume.name)) {
      throw refused(
        `${WEBHOOK}volume with name "${volume.name}" not mounted: ${path}.name`,
      );
    }
  });
  const seen = new Set<string>();
  volumeMounts.forEach((mount, index) => {
    const path = `spec.template.spec.containers[0].volumeMounts[${index}]`;
    const plain = normalize(mount.mountPath).replace(/(?<=.)\/+$/, '');
    const foreign = Object.keys(mount).find(
      field => !MOUNT_FIELDS.includes(field),
    );
    // The definition of a Service has its mounts as a map by this very text.
    const isSame = volumeMounts
      .slice(0, index)
      .some(other => other.mountPath === mount.mountPath);
    if (isSame) {
      throw refused(
        `Service.serving.knative.dev "${
          module.metadata.name
        }" is invalid: ${path}: Duplicate value: ${JSON.stringify({
          mountPath: mount.mountPath,
        })}`,
      );
    }
    if (foreign) {
      const why =
        foreign === 'mountPropagation'
          ? `Volume Mount Propagation support is disabled, but found volume mount ${mount.name} with mount propagation: \n`
          : '';
      throw refused(
        `${WEBHOOK}${why}must not set the field(s): ${path}.${foreign}`,
      );
    }
    if (RESERVED_PATHS.includes(plain)) {
      throw refused(
        `${WEBHOOK}mountPath "${plain}" is a reserved path: ${path}.mountPath`,
      );
    }
    if (
      !isAbsolute(mount.mountPath) ||
      mount.mountPath.split('/').includes('..')
    ) {
      throw refused(
        `${WEBHOOK}invalid value: ${mount.mountPath}: ${path}.mountPath`,
      );
    }
    if (seen.has(plain)) {
      throw refused(
        `${WEBHOOK}"${mount.mountPath}" must be unique: ${path}.mountPath`,
      );
    }
    seen.add(plain);
  });
}

function checkMetadata({ metadata }: WasmModule): void {
  const autoscaling = Object.keys(metadata.annotations ?? {}).find(key =>
    key.startsWith('autoscaling.knative.dev/'),
  );
  if (autoscaling) {
    throw refused(
      `${WEBHOOK}invalid key name "${autoscaling}": metadata.annotations\nautoscaling annotations must be put under "spec.template.metadata.annotations" to work`,
    );
  }
  const wrong = [
    ...(metadata.name.length > LONGEST_NAME
      ? [`must be no more than ${LONGEST_NAME} characters`]
      : []),
    ...(DNS_1035_LABEL.test(metadata.name)
      ? []
      : [
          "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
        ]),
  ];
  if (wrong.length > 0) {
    throw refused(
      `${WEBHOOK}not a DNS 1035 label: [${wrong.join(' ')}]: metadata.name`,
    );
  }
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
  const notToBeSet = `must not set the field(s): ${path}.${kind}`;
  switch (kind) {
    case 'persistentVolumeClaim':
      return [
        `Persistent volume claim support is disabled, but found persistent volume claim ${volume.persistentVolumeClaim?.claimName}: `,
        ...(volume.persistentVolumeClaim?.readOnly
          ? []
          : [
              `Persistent volume write support is disabled, but found persistent volume claim ${volume.persistentVolumeClaim?.claimName} that is not read-only: `,
            ]),
        notToBeSet,
      ].join('\n');
    case 'hostPath':
      return `HostPath volume support is disabled, but found HostPath volume ${volume.name}: \n${notToBeSet}`;
    case undefined:
      return `expected exactly one, got neither: ${path}.configMap, ${path}.emptyDir, ${path}.projected, ${path}.secret`;
    default:
      return notToBeSet;
  }
}

function refused(message: string): RunnerFailure {
  return new RunnerFailure('refused', message);
}
