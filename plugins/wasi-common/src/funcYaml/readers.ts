import { isAlias, isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { closestName } from './closestName';
import type { Extent, Fault, FuncYamlReport } from './FuncYamlReport';
import { scalarText } from './scalarText';
import type { AliasTargets } from './walkFuncYaml';

/** Merge keys (`<<`) within merge keys that are followed. */
const MAX_MERGES = 8;

/**
 * Where a reader stands.
 *
 * @internal
 */
export interface Place {
  path: string;
  aliasTargets: AliasTargets;
  report: FuncYamlReport;
}

/**
 * Turns a YAML node into a value, or reports why it cannot.
 *
 * @internal
 */
export type Reader<T> = (node: unknown, place: Place) => T | undefined;

type Table = Record<string, Reader<unknown>>;
type Value<R> = R extends Reader<infer T> ? T : never;
type FieldsValue<T extends Table, K extends keyof T> = {
  [P in K]: Value<T[P]>;
} & { [P in Exclude<keyof T, K>]?: Value<T[P]> };

/**
 * Reads one node: remembers where it stands, follows an alias, and takes an
 * empty value for an absent one, as func does.
 *
 * @internal
 */
export function readNode<T>(
  reader: Reader<T>,
  node: unknown,
  place: Place,
): T | undefined {
  const { path, report } = place;
  report.locate(path, extentOf(node));
  if (!report.spend()) {
    return undefined;
  }
  const target = followAlias(node, place);
  return target === undefined ? undefined : reader(target, place);
}

/**
 * A mapping with the fields of a table; others are reported and left alone.
 *
 * @internal
 */
export function fields<T extends Table, K extends keyof T & string = never>(
  table: T,
  required: readonly K[] = [],
): Reader<FieldsValue<T, K>> {
  return (node, place) => {
    if (!isMap(node)) {
      place.report.add(place.path, mustBe(node, place, 'a mapping'));
      return undefined;
    }
    const values = new Map<string, unknown>();
    for (const { key, keyExtent, value } of entriesOf(node, place)) {
      const path = childPath(place.path, key);
      if (Object.hasOwn(table, key)) {
        const read = readNode(table[key], value, { ...place, path });
        if (read !== undefined) {
          values.set(key, read);
        }
      } else if (place.report.spend()) {
        place.report.add(path, unknownField(path, key, table), keyExtent);
      }
    }
    const missing = required.filter(key => isAbsent(node, key, place));
    for (const key of missing) {
      const path = childPath(place.path, key);
      const message = `\`${path}\` is missing`;
      const remedy = `Add \`${key}\`${
        place.path === '' ? '' : ` to \`${place.path}\``
      }.`;
      place.report.add(path, { message, remedy }, extentOf(node));
    }
    return required.every(key => values.has(key))
      ? (Object.fromEntries(values) as FieldsValue<T, K>)
      : undefined;
  };
}

/** A list of values of one kind. @internal */
export function list<T>(item: Reader<T>): Reader<T[]> {
  return (node, place) => {
    // Older versions of func wrote `{}` for an empty list.
    if (isMap(node) && node.items.length === 0) {
      return [];
    }
    if (!isSeq(node)) {
      place.report.add(place.path, mustBe(node, place, 'a list'));
      return undefined;
    }
    return node.items.flatMap((child, index) => {
      const at = { ...place, path: `${place.path}[${index}]` };
      if (isScalar(child) && child.value === null) {
        place.report.add(
          at.path,
          { message: `\`${at.path}\` is empty` },
          extentOf(child),
        );
        return [];
      }
      const value = readNode(item, child, at);
      return value === undefined ? [] : [value];
    });
  };
}

/** A mapping from any names to values of one kind. @internal */
export function mapping<T>(item: Reader<T>): Reader<Record<string, T>> {
  return (node, place) => {
    if (!isMap(node)) {
      place.report.add(place.path, mustBe(node, place, 'a mapping'));
      return undefined;
    }
    return Object.fromEntries(
      entriesOf(node, place).flatMap(({ key, value }) => {
        const path = childPath(place.path, key);
        const read = readNode(item, value, { ...place, path });
        return read === undefined ? [] : [[key, read] as const];
      }),
    );
  };
}

/**
 * Text; a number or a boolean is taken as it is written, as func does.
 *
 * @internal
 */
export function text(check?: (value: string) => Fault[]): Reader<string> {
  return (node, place) => {
    const value = isScalar(node) ? scalarText(node) : undefined;
    if (value === undefined) {
      place.report.add(place.path, mustBe(node, place, 'text'));
      return undefined;
    }
    if (value.includes('\0')) {
      place.report.add(place.path, {
        message: `\`${place.path}\` contains a NUL character, which no process can be given`,
      });
    }
    for (const fault of check?.(value) ?? []) {
      const { message } = fault;
      place.report.add(place.path, {
        ...fault,
        message: `\`${place.path}\`: ${message}`,
      });
    }
    return value;
  };
}

/** One of a few words. @internal */
export function oneOf<const T extends string>(
  allowed: readonly T[],
): Reader<T> {
  return (node, place) => {
    const value = isScalar(node) ? scalarText(node) : undefined;
    const found = allowed.find(each => each === value);
    if (!found) {
      const words = allowed.map(each => `\`${each}\``).join(', ');
      const shown = value === undefined ? kindOf(node) : `\`${cut(value)}\``;
      place.report.add(place.path, {
        message: `\`${place.path}\` is ${shown}; allowed are ${words}`,
        remedy: `Use one of ${words}.`,
      });
    }
    return found;
  };
}

/** `true` or `false`. @internal */
export const flag: Reader<boolean> = (node, place) => {
  if (isScalar(node) && typeof node.value === 'boolean') {
    return node.value;
  }
  place.report.add(place.path, mustBe(node, place, '`true` or `false`'));
  return undefined;
};

/** A number within bounds. @internal */
export function number(
  options: { integer?: true; minimum?: number; maximum?: number } = {},
): Reader<number> {
  return (node, place) => {
    const value = isScalar(node) ? node.value : undefined;
    const { integer, minimum = -Infinity, maximum = Infinity } = options;
    if (
      typeof value !== 'number' ||
      !Number.isFinite(value) ||
      (integer && !Number.isSafeInteger(value)) ||
      value < minimum ||
      value > maximum
    ) {
      const kind = integer ? 'a whole number' : 'a number';
      const least = minimum === -Infinity ? '' : ` of at least ${minimum}`;
      const most = maximum === Infinity ? '' : ` and at most ${maximum}`;
      place.report.add(
        place.path,
        mustBe(node, place, `${kind}${least}${most}`),
      );
      return undefined;
    }
    return value;
  };
}

interface Entry {
  key: string;
  keyExtent: Extent | undefined;
  value: unknown;
}

/** Pairs of a mapping, with those of its merge keys that it does not have itself. */
function entriesOf(map: YAMLMap, place: Place, depth = 0): Entry[] {
  const own: Entry[] = [];
  const merged: Entry[] = [];
  for (const pair of map.items) {
    const key = isScalar(pair.key) ? scalarText(pair.key) : undefined;
    if (key === undefined) {
      const message = 'a key must be text';
      place.report.add(place.path, { message }, extentOf(pair.key));
    } else if (key === '<<' && depth < MAX_MERGES && place.report.spend()) {
      const target = followAlias(pair.value, place);
      const sources = isSeq(target) ? target.items : [target];
      for (const source of sources) {
        const resolved = followAlias(source, place);
        if (isMap(resolved)) {
          for (const entry of entriesOf(resolved, place, depth + 1)) {
            if (!place.report.spend()) {
              return own;
            }
            merged.push(entry);
          }
        } else {
          place.report.add(
            childPath(place.path, key),
            mustBe(resolved, place, 'a mapping'),
            extentOf(pair.key),
          );
        }
      }
    } else if (key !== '<<') {
      own.push({ key, keyExtent: extentOf(pair.key), value: pair.value });
    }
  }
  const seen = new Set(own.map(entry => entry.key));
  return [
    ...own,
    ...merged.filter(entry => {
      const first = !seen.has(entry.key);
      seen.add(entry.key);
      return first;
    }),
  ];
}

/** The node itself or what it stands for; undefined where there is no value. */
function followAlias(node: unknown, place: Place): unknown {
  if (isAlias(node)) {
    const target = place.aliasTargets.get(node);
    if (!target) {
      place.report.add(
        place.path,
        {
          code: 'FUNC_YAML_SYNTAX',
          message: `the alias \`*${cut(
            node.source,
          )}\` names no anchor above it`,
          remedy: `Define \`&${cut(node.source)}\` above, or write the value.`,
        },
        extentOf(node),
      );
    }
    return target;
  }
  return isScalar(node) && node.value === null ? undefined : node ?? undefined;
}

function isAbsent(map: YAMLMap, key: string, place: Place): boolean {
  const entry = entriesOf(map, place).find(each => each.key === key);
  const value = entry?.value;
  return (
    value === undefined ||
    value === null ||
    (isScalar(value) && value.value === null)
  );
}

function unknownField(path: string, key: string, table: Table): Fault {
  const closest = closestName(key, Object.keys(table));
  return {
    code: 'FUNC_YAML_UNKNOWN_FIELD',
    severity: 'warning',
    message: `\`${cut(path)}\` is no field of func.yaml and has no effect`,
    remedy: closest ? `Did you mean \`${closest}\`?` : undefined,
  };
}

/** Says what stands there by its kind only: a value may be a secret. */
function mustBe(node: unknown, place: Place, what: string): Fault {
  const isRoot = place.path === '';
  const subject = isRoot ? 'func.yaml' : `\`${place.path}\``;
  return {
    message: `${subject} must be ${what}, but is ${kindOf(node)}`,
    ...(isRoot && {
      remedy: 'Begin with `name:` and `runtime:`, each on a line of its own.',
    }),
  };
}

function kindOf(node: unknown): string {
  if (isMap(node)) {
    return 'a mapping';
  }
  if (isSeq(node)) {
    return 'a list';
  }
  const value = isScalar(node) ? node.value : undefined;
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
    case 'bigint':
      return 'a number';
    case 'boolean':
      return 'a boolean';
    default:
      return 'something else';
  }
}

function extentOf(node: unknown): Extent | undefined {
  const range = (node as { range?: [number, number, number] | null } | null)
    ?.range;
  return range ? [range[0], range[1]] : undefined;
}

function childPath(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) {
    return `${path}[${JSON.stringify(cut(key))}]`;
  }
  return path === '' ? key : `${path}.${key}`;
}

function cut(value: string): string {
  return value.length > 120 ? `${value.slice(0, 120)}…` : value;
}
