import { stringify } from 'yaml';
import { MASKED_VALUE } from '../api/schemas';
import type { FieldChange } from '../api/deployments';
import { looksSecret } from './looksSecret';
import type { EnvVar, WasmModule } from './types';

/**
 * What differs between two modules, by path; nothing for a module that is absent.
 *
 * Compares what is asked for: name, labels, annotations and spec. Lists whose
 * order means nothing are compared by name or by value. A value that looks
 * secret is masked; that it differs is told all the same.
 *
 * @public
 */
export function diffModules(
  before: WasmModule | undefined,
  after: WasmModule | undefined,
): FieldChange[] {
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  const paths = [...new Set([...was.keys(), ...is.keys()])].sort();
  return paths.flatMap<FieldChange>(path => {
    const [then, now] = [was.get(path), is.get(path)];
    if (then && now) {
      return same(then.value, now.value)
        ? []
        : [{ path, kind: 'changed', before: show(then), after: show(now) }];
    }
    if (now) {
      return isContainerOf(now, path, was)
        ? []
        : [{ path, kind: 'added', after: show(now) }];
    }
    return isContainerOf(then!, path, is)
      ? []
      : [{ path, kind: 'removed', before: show(then!) }];
  });
}

interface Field {
  value: unknown;
  /** Instead of the value, where that must not be shown. */
  shown?: string;
}

type Fields = Map<string, Field>;

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

function fieldsOf(module: WasmModule | undefined): Fields {
  const fields: Fields = new Map();
  if (!module) {
    return fields;
  }
  const { name, namespace, labels, annotations } = module.metadata;
  fields.set('metadata.name', { value: name });
  if (namespace !== undefined) {
    fields.set('metadata.namespace', { value: namespace });
  }
  addEntries(fields, 'metadata.labels', labels);
  const { [LAST_APPLIED]: _, ...shown } = annotations ?? {};
  addEntries(fields, 'metadata.annotations', shown);

  for (const [key, value] of Object.entries(module.spec)) {
    const path = `spec.${key}`;
    if (key === 'env') {
      addVariables(fields, module.spec.env ?? []);
    } else if (key === 'network') {
      // Present and empty it is another thing than absent, so it is a field then.
      add(fields, path, value);
    } else if (!isEmpty(value)) {
      add(fields, path, value);
    }
  }
  return fields;
}

function addEntries(
  fields: Fields,
  path: string,
  entries: Record<string, string> = {},
): void {
  for (const [key, value] of Object.entries(entries)) {
    fields.set(`${path}[${JSON.stringify(key)}]`, { value });
  }
}

function addVariables(fields: Fields, env: readonly EnvVar[]): void {
  const name = uniqueNames();
  for (const variable of env) {
    const path = `spec.env[${name(variable.name)}]`;
    const { name: _, value, ...rest } = variable;
    if (value !== undefined || Object.keys(rest).length === 0) {
      fields.set(`${path}.value`, {
        value: value ?? '',
        shown: looksSecret(variable) ? MASKED_VALUE : undefined,
      });
    }
    addProperties(fields, path, rest);
  }
}

/** Lists by what names their items; by their values for rules of the network. */
function add(fields: Fields, path: string, value: unknown): void {
  if (Array.isArray(value)) {
    addList(fields, path, value);
  } else if (typeof value === 'object' && value !== null) {
    const size = fields.size;
    addProperties(fields, path, value);
    if (fields.size === size) {
      fields.set(path, { value: {} });
    }
  } else if (value !== undefined) {
    fields.set(path, { value });
  }
}

function addProperties(fields: Fields, path: string, value: object): void {
  for (const [key, property] of Object.entries(value)) {
    add(
      fields,
      `${path}${/^\w+$/.test(key) ? `.${key}` : `["${key}"]`}`,
      property,
    );
  }
}

const KEYS: Record<string, string> = {
  'spec.volumes': 'name',
  'spec.volumeMounts': 'mountPath',
};

function addList(fields: Fields, path: string, items: unknown[]): void {
  const key = KEYS[path];
  if (key) {
    const name = uniqueNames();
    for (const item of items as Record<string, unknown>[]) {
      const { [key]: value, ...rest } = item;
      add(fields, `${path}[${name(String(value))}]`, rest);
    }
  } else if (path.startsWith('spec.network.')) {
    for (const item of new Set(items)) {
      fields.set(`${path}[${JSON.stringify(item)}]`, { value: item });
    }
  } else if (items.length > 0) {
    fields.set(path, { value: items });
  }
}

/** Of several items of one name the later ones are numbered. */
function uniqueNames(): (name: string) => string {
  const seen = new Map<string, number>();
  return name => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  };
}

/** An empty object that the other side has filled is no difference of its own. */
function isContainerOf(field: Field, path: string, others: Fields): boolean {
  return (
    isEmpty(field.value) &&
    [...others.keys()].some(
      other => other.startsWith(`${path}.`) || other.startsWith(`${path}[`),
    )
  );
}

function isEmpty(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length === 0
  );
}

/** By value; the order of an object's properties means nothing. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, item]) => [key, sorted(item)]),
    );
  }
  return value;
}

function show({ value, shown }: Field): string {
  return shown ?? stringify(value, { lineWidth: 0 }).trimEnd();
}
