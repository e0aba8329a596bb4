import type {
  ModuleCapability,
  ModuleInspection,
} from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * A name such as `wasi:http/types@0.2.3`, taken apart.
 *
 * @internal
 */
export interface WasiInterface {
  package: string;
  interface: string;
  /** `0.2`, `0.3`, … */
  minor: string;
  patch: number;
}

/**
 * Takes apart the name of a WASI interface; of a core import also what follows it.
 *
 * @internal
 */
export function parseWasiInterface(name: string): WasiInterface | undefined {
  const match =
    /^wasi:([a-z0-9-]+)\/([a-z0-9-]+)@(\d{1,9}\.\d{1,9})\.(\d{1,9})(?![0-9])/.exec(
      name,
    );
  return (
    (match?.[1] && {
      package: match[1],
      interface: match[2],
      minor: match[3],
      patch: Number(match[4]),
    }) ||
    undefined
  );
}

const KINDS: ModuleCapability['kind'][] = [
  'http-outgoing',
  'sockets',
  'dns',
  'filesystem',
  'environment',
  'clocks',
  'random',
  'stdio',
];

// fd_read and fd_write serve files too, but every program has them for its output.
const PREVIEW_1_CAPABILITIES: [RegExp, ModuleCapability['kind']][] = [
  [/^sock_/, 'sockets'],
  [/^fd_(?:read|write|close|fdstat_get|seek)$/, 'stdio'],
  [/^(?:path_|fd_)/, 'filesystem'],
  [/^(?:environ|args)_/, 'environment'],
  [/^(?:clock_|poll_oneoff)/, 'clocks'],
  [/^random_get$/, 'random'],
];

const PREVIEW_1 = /^(?:wasi_snapshot_preview1|wasi_unstable)\.(.*)$/s;

/**
 * Which WASI the names belong to, and the highest 0.2 among them.
 *
 * @internal
 */
export function wasiOf(
  names: string[],
): Pick<ModuleInspection, 'wasi' | 'wasiVersion'> {
  const interfaces = names.flatMap(name => parseWasiInterface(name) ?? []);
  const patches = interfaces
    .filter(({ minor }) => minor === '0.2')
    .map(({ patch }) => patch);
  const wasiVersion =
    patches.length > 0
      ? `0.2.${patches.reduce((a, b) => Math.max(a, b))}`
      : undefined;
  if (interfaces.some(({ minor }) => minor === '0.3')) {
    return { wasi: '0.3', ...(wasiVersion && { wasiVersion }) };
  }
  if (wasiVersion) {
    return { wasi: '0.2', wasiVersion };
  }
  return { wasi: names.some(name => PREVIEW_1.test(name)) ? '0.1' : 'none' };
}

/**
 * What the imports ask the host for.
 *
 * @internal
 */
export function capabilitiesOf(imports: string[]): ModuleCapability[] {
  const found = new Map<ModuleCapability['kind'], string[]>();
  for (const name of imports) {
    const kind = capabilityOf(name);
    if (kind) {
      const names = found.get(kind) ?? [];
      names.push(name);
      found.set(kind, names);
    }
  }
  return KINDS.flatMap(kind => {
    const names = found.get(kind);
    return names ? [{ kind, imports: names }] : [];
  });
}

function capabilityOf(name: string): ModuleCapability['kind'] | undefined {
  const preview1 = PREVIEW_1.exec(name);
  if (preview1) {
    return PREVIEW_1_CAPABILITIES.find(([pattern]) =>
      pattern.test(preview1[1]),
    )?.[1];
  }
  const wasi = parseWasiInterface(name);
  switch (wasi?.package) {
    case 'http':
      return ['outgoing-handler', 'client'].includes(wasi.interface)
        ? 'http-outgoing'
        : undefined;
    case 'sockets':
      return wasi.interface === 'ip-name-lookup' ? 'dns' : 'sockets';
    case 'filesystem':
      return 'filesystem';
    case 'clocks':
      return 'clocks';
    case 'random':
      return 'random';
    case 'cli':
      if (wasi.interface === 'environment') {
        return 'environment';
      }
      return /^(?:std(?:in|out|err)|terminal-.*)$/.test(wasi.interface)
        ? 'stdio'
        : undefined;
    default:
      return undefined;
  }
}
