import type {
  Volume,
  VolumeMount,
} from '@wasi-functions/backstage-plugin-wasi-common';

/** A volume with one place where it is mounted. */
export interface VolumeRow {
  name: string;
  /** Kind and object, e.g. `configMap settings`; absent for a mount without its volume. */
  source?: string;
  mountPath?: string;
  subPath?: string;
  readOnly: boolean;
}

/** Volumes joined with their mounts; neither a lone volume nor a lone mount is lost. */
export function volumeRows(
  volumes: readonly Volume[],
  mounts: readonly VolumeMount[],
): VolumeRow[] {
  const rows = volumes.flatMap(volume => {
    const source = describeSource(volume);
    const ownMounts = mounts.filter(mount => mount.name === volume.name);
    return ownMounts.length > 0
      ? ownMounts.map(mount => ({ ...mountRow(mount), source }))
      : [{ name: volume.name, source, readOnly: false }];
  });
  const declared = new Set(volumes.map(volume => volume.name));
  const lone = mounts.filter(mount => !declared.has(mount.name)).map(mountRow);
  return [...rows, ...lone];
}

function mountRow(mount: VolumeMount): VolumeRow {
  return {
    name: mount.name,
    mountPath: mount.mountPath,
    subPath: mount.subPath,
    readOnly: mount.readOnly ?? false,
  };
}

function describeSource(volume: Volume): string {
  if (volume.secret) {
    return `secret ${volume.secret.secretName ?? ''}`.trim();
  }
  if (volume.configMap) {
    return `configMap ${volume.configMap.name ?? ''}`.trim();
  }
  if (volume.persistentVolumeClaim) {
    return `persistentVolumeClaim ${volume.persistentVolumeClaim.claimName}`;
  }
  return Object.keys(volume).find(key => key !== 'name') ?? '';
}
