import type { Finding } from '../diagnosis';
import type { Volume, VolumeMount, WasmModule } from '../wasmModule';
import { finding } from './finding';

/** Kinds that Knative takes without a feature flag. */
const KINDS = ['secret', 'configMap', 'projected', 'emptyDir'];
const READ_ONLY_KINDS = ['secret', 'configMap', 'projected'];
const RESERVED_PATHS = ['/', '/dev', '/dev/log'];
/** Of a mount; the others, Knative refuses. */
const MOUNT_FIELDS = ['name', 'readOnly', 'mountPath', 'subPath'];
/** Refused only as long as a feature flag is off. */
const FLAGGED_MOUNT_FIELDS = ['mountPropagation'];
const DNS_1123_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Knative's and the controller's rules for volumes and their mounts. @internal */
export function checkVolumes({ spec }: WasmModule): Finding[] {
  const volumes = spec.volumes ?? [];
  const mounts = spec.volumeMounts ?? [];
  const named = new Map<string, Volume>();
  const mounted = new Set(mounts.map(({ name }) => name));
  const taken = new Set<string>();
  return [
    ...volumes.flatMap((volume, index) =>
      checkVolume(volume, { index, named, mounted }),
    ),
    ...mounts.flatMap((mount, index) =>
      checkMount(mount, { index, named, taken }),
    ),
  ];
}

function checkVolume(
  volume: Volume,
  {
    index,
    named,
    mounted,
  }: { index: number; named: Map<string, Volume>; mounted: Set<string> },
): Finding[] {
  const path = `spec.volumes[${index}]`;
  const findings: Finding[] = [];
  const isTwin = named.has(volume.name);
  if (!DNS_1123_LABEL.test(volume.name) || isTwin) {
    findings.push(
      finding('error', 'NAME_INVALID', {
        message: isTwin
          ? `Two volumes are named ${volume.name}`
          : `"${volume.name}" is no valid name of a volume`,
        path: `${path}.name`,
        remedy:
          'Give each volume a name of its own, of lower-case letters, digits and dashes, at most 63 characters.',
      }),
    );
  }
  if (!isTwin) {
    named.set(volume.name, volume);
  }
  if (!mounted.has(volume.name)) {
    findings.push(
      finding('error', 'VOLUME_NOT_MOUNTED', {
        message: `The volume ${volume.name} is not mounted, so Knative refuses the Service`,
        path,
      }),
    );
  }
  const kind = kindOf(volume);
  if (!kind) {
    findings.push(
      finding('error', 'MODULE_INVALID', {
        message: `The volume ${volume.name} does not say what it is, so Knative refuses the Service`,
        path,
        remedy: `Give it one of ${KINDS.join(', ')}.`,
      }),
    );
  }
  if (kind && !KINDS.includes(kind)) {
    findings.push(
      finding('warning', 'VOLUME_KIND_DISABLED', {
        message: `The volume ${volume.name} is a ${kind}, which Knative refuses unless its feature flag is set`,
        path: `${path}.${kind}`,
      }),
    );
  }
  return findings;
}

function checkMount(
  mount: VolumeMount,
  {
    index,
    named,
    taken,
  }: { index: number; named: Map<string, Volume>; taken: Set<string> },
): Finding[] {
  const path = `spec.volumeMounts[${index}]`;
  const findings: Finding[] = [];
  const volume = named.get(mount.name);
  if (!volume) {
    findings.push(
      finding('error', 'VOLUME_UNDEFINED', {
        message: `${mount.mountPath} mounts ${mount.name}, which is no volume of the module`,
        path: `${path}.name`,
      }),
    );
  }
  const wrong = whyPathIsWrong(mount, taken);
  if (wrong) {
    findings.push(
      finding('error', 'MOUNT_PATH_INVALID', {
        message: `Nothing can be mounted at ${mount.mountPath}: ${wrong}`,
        path: `${path}.mountPath`,
      }),
    );
  }
  for (const field of Object.keys(mount)) {
    if (!MOUNT_FIELDS.includes(field)) {
      const isFlagged = FLAGGED_MOUNT_FIELDS.includes(field);
      findings.push(
        finding(isFlagged ? 'warning' : 'error', 'MODULE_INVALID', {
          message: `${mount.mountPath} sets ${field}, which Knative refuses${
            isFlagged ? ' unless its feature flag is set' : ''
          }`,
          path: `${path}.${field}`,
          remedy: `Leave ${field} out.`,
        }),
      );
    }
  }
  const kind = volume && kindOf(volume);
  if (kind && READ_ONLY_KINDS.includes(kind) && mount.readOnly !== true) {
    findings.push(
      finding('warning', 'MOUNT_READ_ONLY_FORCED', {
        message: `${mount.mountPath} is a ${kind}, which Knative mounts read-only whatever is written`,
        path: `${path}.readOnly`,
      }),
    );
  }
  if (mount.subPath) {
    findings.push(
      finding('warning', 'MOUNT_SUBPATH_FILE', {
        message: `${mount.mountPath} mounts a part of ${mount.name}; should that be a file, every request fails`,
        path: `${path}.subPath`,
      }),
    );
  }
  return findings;
}

function whyPathIsWrong(
  { mountPath }: VolumeMount,
  taken: Set<string>,
): string | undefined {
  const clean = normalise(mountPath);
  const isTaken = taken.has(clean);
  taken.add(clean);
  if (!mountPath.startsWith('/')) {
    return 'the path is not absolute';
  }
  if (mountPath.includes(':')) {
    return 'the path contains a colon';
  }
  if (RESERVED_PATHS.includes(clean)) {
    return 'Knative keeps the path for itself';
  }
  return isTaken ? 'something else is mounted there' : undefined;
}

function normalise(mountPath: string): string {
  return mountPath.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '');
}

function kindOf(volume: Volume): string | undefined {
  return Object.keys(volume).find(
    key => key !== 'name' && volume[key] !== undefined,
  );
}
