import type { FuncVolume } from '../funcYaml';
import type { Volume, VolumeMount } from './types';

const MAX_NAME_LENGTH = 63;

/**
 * Maps func's volumes, each a source with a path, to volumes with names and
 * mounts that refer to them.
 *
 * @internal
 */
export function toVolumes(written: FuncVolume[]): {
  volumes: Volume[];
  volumeMounts: VolumeMount[];
} {
  const taken = new Set<string>();
  const volumes: Volume[] = [];
  const volumeMounts: VolumeMount[] = [];
  for (const each of written) {
    const { source, label, readOnly } = sourceOf(each);
    const name = uniqueName(label, taken);
    volumes.push({ name, ...source });
    volumeMounts.push({
      name,
      mountPath: each.path,
      ...(readOnly && { readOnly }),
    });
  }
  return { volumes, volumeMounts };
}

/** Secrets and ConfigMaps are read-only in Knative whatever is written, so that is written. */
function sourceOf(volume: FuncVolume): {
  source: Omit<Volume, 'name'>;
  label: string;
  readOnly: boolean;
} {
  const { secret, configMap, persistentVolumeClaim: claim } = volume;
  if (secret !== undefined) {
    return {
      source: { secret: { secretName: secret } },
      label: `secret-${secret}`,
      readOnly: true,
    };
  }
  if (configMap !== undefined) {
    return {
      source: { configMap: { name: configMap } },
      label: `config-map-${configMap}`,
      readOnly: true,
    };
  }
  if (claim) {
    return {
      source: { persistentVolumeClaim: claim },
      label: `claim-${claim.claimName}`,
      readOnly: claim.readOnly === true,
    };
  }
  return {
    source: { emptyDir: volume.emptyDir ?? {} },
    label: 'empty-dir',
    readOnly: false,
  };
}

/** A DNS label that no other volume has. */
function uniqueName(label: string, taken: Set<string>): string {
  const base = label.toLowerCase().replace(/[^a-z0-9-]+/g, '-');
  for (let count = 1; ; count++) {
    const suffix = count === 1 ? '' : `-${count}`;
    const front = base
      .slice(0, MAX_NAME_LENGTH - suffix.length)
      .replace(/-+$/, '');
    const name = `${front}${suffix}`;
    if (!taken.has(name)) {
      taken.add(name);
      return name;
    }
  }
}
