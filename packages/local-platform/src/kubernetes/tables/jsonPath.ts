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
  try {
    const steps = parse(path);
    return value => evaluate([value], steps);
  } catch (error) {
    throw new SyntaxError(`JSONPath "${path}": ${(error as Error).message}`);
  }
}

/** How each step is written; the first that fits is taken. */
const NOTATIONS: [RegExp, (match: RegExpExecArray) => Step[]][] = [
  [/^\.\.(?=[[\w\\*])/, () => [{ type: 'descend' }]],
  [/^\.?\[\*\]|^\.?\*/, () => [{ type: 'every' }]],
  [/^\.?\[(-?\d+)\]/, ([, index]) => [{ type: 'index', index: Number(index) }]],
  [
    /^\.?\[(?:'([^']*)'|"([^"]*)")\]/,
    ([, single, double]) => [{ type: 'field', name: single ?? double }],
  ],
  [/^\.?\[\?\((.*?)\)\]/, ([, expression]) => [parseFilter(expression)]],
  [
    /^\.?((?:[^.[\]\\]|\\.)+)/,
    ([, name]) => [{ type: 'field', name: name.replace(/\\(.)/g, '$1') }],
  ],
  [/^\.$/, () => []],
];

function parse(path: string): Step[] {
  const steps: Step[] = [];
  for (let rest = path; rest; ) {
    const text = rest;
    const found = NOTATIONS.map(([pattern, toSteps]) => ({
      match: pattern.exec(text),
      toSteps,
    })).find(({ match }) => match);
    if (!found?.match) {
      throw new SyntaxError(`it is not understood at "${rest}"`);
    }
    steps.push(...found.toSteps(found.match));
    rest = rest.slice(found.match[0].length);
  }
  return steps;
}

function parseFilter(expression: string): Step {
  const match = /^\s*@((?:\.|\[).*?)\s*(?:(==|!=|>=|<=|>|<)\s*(.+?)\s*)?$/.exec(
    expression,
  );
  if (!match) {
    throw new SyntaxError(`the filter "${expression}" is not understood`);
  }
  const [, left, operator, right] = match;
  return {
    type: 'filter',
    path: parse(left),
    operator,
    ...(right !== undefined && { literal: parseLiteral(right) }),
  };
}

function parseLiteral(text: string): Json {
  const quoted = /^'(.*)'$|^"(.*)"$/.exec(text);
  if (quoted) {
    return quoted[1] ?? quoted[2];
  }
  if (/^(true|false|null|-?\d+(\.\d+)?)$/.test(text)) {
    return JSON.parse(text) as Json;
  }
  throw new SyntaxError(`${text} cannot be compared with`);
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
