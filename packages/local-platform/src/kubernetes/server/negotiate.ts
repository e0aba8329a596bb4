import { notAcceptable } from '../status/refusals';

/** Shape that a client wants an answer in. */
export interface Representation {
  /** Such as `Table`; undefined for the objects themselves. */
  as?: string;
  /** Group and version of that shape. */
  group?: string;
  version?: string;
}

/**
 * Picks the first shape of an `Accept` header that can be served, as JSON.
 *
 * @throws KubernetesStatusError 406
 */
export function negotiate(
  accept: string | undefined,
  offered: Representation[],
): Representation {
  const wanted = (accept || '*/*').split(',').map(parse);
  for (const { type, as, group, version } of wanted) {
    if (!['application/json', 'application/*', '*/*'].includes(type)) {
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
    'application/yaml',
    'application/vnd.kubernetes.protobuf',
  ]);
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
