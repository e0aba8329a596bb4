import { notAcceptable } from '../status/refusals';

/** Shape that a client wants an answer in. */
export interface Representation {
  /** Such as `Table`; undefined for the objects themselves. */
  as?: string;
  /** Group and version of that shape. */
  group?: string;
  version?: string;
}

const JSON_RANGES = ['application/json', 'application/*', '*/*'];
const YAML = 'application/yaml';

/**
 * Picks the first shape of an `Accept` header that can be served, as JSON or YAML.
 *
 * @throws KubernetesStatusError 406
 */
export function negotiate(
  accept: string | undefined,
  offered: Representation[],
): Representation {
  return pick(accept, offered, [...JSON_RANGES, YAML]);
}

/**
 * As {@link negotiate}, for events, which are told in JSON only.
 *
 * @throws KubernetesStatusError 406
 */
export function negotiateStream(
  accept: string | undefined,
  offered: Representation[],
): Representation {
  return pick(accept, offered, JSON_RANGES);
}

/** Whether an answer is to be YAML rather than JSON. */
export function wantsYaml(accept: string | undefined): boolean {
  const first = ranges(accept).find(({ type }) =>
    [...JSON_RANGES, YAML].includes(type),
  );
  return first?.type === YAML;
}

function pick(
  accept: string | undefined,
  offered: Representation[],
  types: string[],
): Representation {
  for (const { type, as, group, version } of ranges(accept)) {
    if (!types.includes(type)) {
      continue;
    }
    if (!as) {
      return {};
    }
    const found = offered.find(
      one => one.as === as && one.group === group && one.version === version,
    );
    if (found) {
      return found;
    }
  }
  throw notAcceptable([
    'application/json',
    YAML,
    'application/vnd.kubernetes.protobuf',
  ]);
}

function ranges(accept: string | undefined) {
  return (accept || '*/*').split(',').map(parse);
}

function parse(range: string) {
  const [type, ...parameters] = range.split(';').map(part => part.trim());
  const named = new Map(
    parameters.map(parameter => {
      const [name, value = ''] = parameter.split('=');
      return [name, value];
    }),
  );
  return {
    type: type.toLowerCase(),
    as: named.get('as'),
    group: named.get('g'),
    version: named.get('v'),
  };
}
