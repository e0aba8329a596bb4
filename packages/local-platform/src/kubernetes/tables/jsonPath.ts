import { isObject, type Json } from '../schema/Schema';

type Step =
  | { type: 'field'; name: string }
  | { type: 'index'; index: number }
  | { type: 'every' }
  | { type: 'descend' }
  | { type: 'filter'; path: Step[]; operator?: string; literal?: Json };

/**
 * Reads the part of Kubernetes' JSONPath that printer columns use: fields,
 * `['…']`, indices, `[*]`, `..` and filters such as `[?(@.type=='Ready')]`.
 *
 * https://kubernetes.io/docs/reference/kubectl/jsonpath/
 */
export function compileJsonPath(path: string): (value: Json) => Json[] {
  const steps = parse(path.startsWith('.') ? path : `.${path}`);
  return value => evaluate([value], steps);
}

function parse(path: string): Step[] {
  const steps: Step[] = [];
  let rest = path;
  const take = (pattern: RegExp) => {
    const match = pattern.exec(rest);
    if (match) {
      rest = rest.slice(match[0].length);
    }
    return match;
  };
  while (rest) {
    let match: RegExpExecArray | null;
    if (take(/^\.\./)) {
      steps.push({ type: 'descend' });
      rest = /^[[.]/.test(rest) ? rest : `.${rest}`;
    } else if (take(/^\.?\[\*\]/) || take(/^\.\*/)) {
      steps.push({ type: 'every' });
    } else if ((match = take(/^\.?\[(-?\d+)\]/))) {
      steps.push({ type: 'index', index: Number(match[1]) });
    } else if ((match = take(/^\.?\[(?:'([^']*)'|"([^"]*)")\]/))) {
      steps.push({ type: 'field', name: match[1] ?? match[2] });
    } else if ((match = take(/^\.?\[\?\((.*?)\)\]/))) {
      steps.push(parseFilter(match[1], path));
    } else if ((match = take(/^\.((?:[^.[\]\\]|\\.)+)/))) {
      steps.push({ type: 'field', name: match[1].replace(/\\(.)/g, '$1') });
    } else if (!take(/^\.$/)) {
      throw new SyntaxError(
        `JSONPath "${path}" is not understood at "${rest}"`,
      );
    }
  }
  return steps;
}

function parseFilter(expression: string, path: string): Step {
  const match = /^\s*@((?:\.|\[).*?)\s*(?:(==|!=|>=|<=|>|<)\s*(.+?)\s*)?$/.exec(
    expression,
  );
  if (!match) {
    throw new SyntaxError(
      `JSONPath "${path}" has a filter that is not understood: "${expression}"`,
    );
  }
  const [, left, operator, right] = match;
  return {
    type: 'filter',
    path: parse(left),
    operator,
    ...(right !== undefined && { literal: parseLiteral(right, path) }),
  };
}

function parseLiteral(text: string, path: string): Json {
  const quoted = /^'(.*)'$|^"(.*)"$/.exec(text);
  if (quoted) {
    return quoted[1] ?? quoted[2];
  }
  if (/^(true|false|null|-?\d+(\.\d+)?)$/.test(text)) {
    return JSON.parse(text) as Json;
  }
  throw new SyntaxError(`JSONPath "${path}" compares with "${text}"`);
}

function evaluate(values: Json[], steps: Step[]): Json[] {
  return steps.reduce(
    (found, step) => found.flatMap(value => follow(value, step)),
    values,
  );
}

function follow(value: Json, step: Step): Json[] {
  switch (step.type) {
    case 'field':
      return isObject(value) && Object.hasOwn(value, step.name)
        ? [value[step.name]]
        : [];
    case 'index': {
      const item = Array.isArray(value) ? value.at(step.index) : undefined;
      return item === undefined ? [] : [item];
    }
    case 'every':
      return children(value);
    case 'descend':
      return [value, ...children(value).flatMap(child => follow(child, step))];
    case 'filter':
      return children(value).filter(child => passes(child, step));
    default:
      throw new Error(`Unknown step ${JSON.stringify(step satisfies never)}`);
  }
}

function passes(
  value: Json,
  filter: Extract<Step, { type: 'filter' }>,
): boolean {
  const [found] = evaluate([value], filter.path);
  const { operator, literal } = filter;
  if (!operator) {
    return found !== undefined;
  }
  if (found === undefined || literal === undefined) {
    return false;
  }
  switch (operator) {
    case '==':
      return found === literal;
    case '!=':
      return found !== literal;
    case '>':
      return found! > literal!;
    case '>=':
      return found! >= literal!;
    case '<':
      return found! < literal!;
    default:
      return found! <= literal!;
  }
}

function children(value: Json): Json[] {
  if (Array.isArray(value)) {
    return value;
  }
  return isObject(value) ? Object.values(value) : [];
}
