import { stringify } from 'yaml';
import type { Finding } from '../diagnosis';
import { openFuncYaml } from './openFuncYaml';
import { parseFuncYaml } from './parseFuncYaml';
import type { FuncYamlResult } from './types';

/** What may differ between environments of one function. */
const OVERLAID = ['image', 'registry', 'run', 'deploy'];
/** By which their entries are the same. */
const LIST_KEYS: Record<string, string> = {
  'run.envs': 'name',
  'run.volumes': 'path',
  'deploy.labels': 'key',
};

/**
 * Lays the overlay of an environment over a func.yaml, and checks the result as
 * any func.yaml.
 *
 * Maps are merged, and `null` takes a value away; env variables are merged by
 * `name`, volumes by `path`, labels by `key`; anything else is replaced. Lines
 * of findings are those of the file that they are in, and absent where the fault
 * is in what both come to.
 *
 * @public
 */
export function overlayFuncYaml(base: string, overlay: string): FuncYamlResult {
  const plain = parseFuncYaml(base);
  if (!plain.config) {
    return plain;
  }
  const { value, findings } = readOverlay(overlay);
  if (value === undefined || hasError(findings)) {
    return { findings: [...plain.findings, ...findings] };
  }
  const merged = parseFuncYaml(stringify(merge(plain.config, value)));
  return {
    ...(merged.config && { config: merged.config }),
    findings: [
      ...plain.findings,
      ...findings,
      ...merged.findings.map(({ line: _, column: __, ...finding }) => finding),
    ],
  };
}

function readOverlay(text: string): {
  value?: Record<string, unknown>;
  findings: Finding[];
} {
  const { document, report } = openFuncYaml(text);
  if (!document || hasError(report.findings)) {
    return { findings: report.findings };
  }
  let value: unknown;
  try {
    value = document.toJS() ?? {};
  } catch {
    // Nothing else fails here: the syntax was checked.
    report.addAt(0, {
      message: 'Its aliases come to too many values',
      remedy: 'Remove nested aliases.',
    });
    return { findings: report.findings };
  }
  if (!isMap(value)) {
    report.addAt(0, { message: 'The overlay is no map of fields' });
    return { findings: report.findings };
  }
  for (const key of Object.keys(value)) {
    if (!OVERLAID.includes(key)) {
      report.addAt(0, {
        message: `An overlay may not set \`${key}\``,
        remedy: `Set it in func.yaml; an overlay has ${OVERLAID.map(
          name => `\`${name}\``,
        ).join(', ')} alone.`,
      });
    }
  }
  if (isMap(value.deploy) && value.deploy.namespace !== undefined) {
    report.addAt(0, {
      message: 'An overlay may not set `deploy.namespace`',
      remedy:
        'Name cluster and namespace of the environment in the annotation `wasm.serving.knative.dev/environments`.',
    });
  }
  return { value, findings: report.findings };
}

function merge(base: unknown, overlay: unknown, path = ''): unknown {
  if (Array.isArray(base) && Array.isArray(overlay) && LIST_KEYS[path]) {
    return mergeList(base, overlay, LIST_KEYS[path]);
  }
  if (!isMap(base) || !isMap(overlay)) {
    return overlay;
  }
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(overlay)) {
    if (value === null) {
      merged.delete(key);
    } else {
      merged.set(
        key,
        merge(merged.get(key), value, path === '' ? key : `${path}.${key}`),
      );
    }
  }
  return Object.fromEntries(merged);
}

function mergeList(
  base: unknown[],
  overlay: unknown[],
  key: string,
): unknown[] {
  const nameOf = (item: unknown) => (isMap(item) ? item[key] : undefined);
  const isSame = (a: unknown, b: unknown) =>
    nameOf(a) !== undefined && nameOf(a) === nameOf(b);
  return [
    ...base.map(
      item => overlay.find(replacing => isSame(item, replacing)) ?? item,
    ),
    ...overlay.filter(item => !base.some(known => isSame(known, item))),
  ];
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasError(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'error');
}
