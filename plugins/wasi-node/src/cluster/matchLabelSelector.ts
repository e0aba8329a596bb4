import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';

const KEY = '([A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?)';
const VALUE = '([-A-Za-z0-9_.]*)';
const EQUALITY = new RegExp(`^${KEY}\\s*(==|=|!=)\\s*${VALUE}$`);
const SET = new RegExp(`^${KEY}\\s+(in|notin)\\s*\\(([-A-Za-z0-9_., ]*)\\)$`);
const EXISTS = new RegExp(`^(!?)\\s*${KEY}$`);

/** Tells whether labels are what a selector asks for. @public */
export type LabelMatcher = (
  labels: Record<string, string> | undefined,
) => boolean;

/**
 * Reads a label selector in the grammar of Kubernetes.
 *
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 *
 * @throws `WasiError` INPUT_INVALID where the text is no selector.
 * @public
 */
export function matchLabelSelector(text: string): LabelMatcher {
  const matchers = splitRequirements(text).map(requirement =>
    readRequirement(requirement, text),
  );
  return labels => matchers.every(matches => matches(labels ?? {}));
}

/**
 * Labels with the one value that a selector asks for; requirements of other
 * kinds are left out.
 *
 * @internal
 */
export function requiredLabels(text: string): [label: string, value: string][] {
  return splitRequirements(text).flatMap(requirement => {
    const [, label, operator, value] = requirement.match(EQUALITY) ?? [];
    return label !== undefined && operator !== '!='
      ? [[label, value] as [string, string]]
      : [];
  });
}

function splitRequirements(text: string): string[] {
  // A comma inside parentheses separates values, not requirements.
  return text
    .split(/,(?![^(]*\))/)
    .map(part => part.trim())
    .filter((part, _, all) => part !== '' || all.length > 1);
}

function readRequirement(
  requirement: string,
  text: string,
): (labels: Record<string, string>) => boolean {
  const equality = requirement.match(EQUALITY);
  if (equality) {
    const [, key, operator, value] = equality;
    return operator === '!='
      ? labels => !Object.hasOwn(labels, key) || labels[key] !== value
      : labels => Object.hasOwn(labels, key) && labels[key] === value;
  }
  const set = requirement.match(SET);
  if (set) {
    const [, key, operator, list] = set;
    const values = new Set(list.split(',').map(value => value.trim()));
    return operator === 'in'
      ? labels => Object.hasOwn(labels, key) && values.has(labels[key])
      : labels => !Object.hasOwn(labels, key) || !values.has(labels[key]);
  }
  const exists = requirement.match(EXISTS);
  if (exists) {
    const [, not, key] = exists;
    return labels => Object.hasOwn(labels, key) !== (not === '!');
  }
  throw new WasiError('INPUT_INVALID', {
    message: `"${text}" is no label selector: "${requirement}" cannot be read.`,
    remedy: 'Write it as Kubernetes does, e.g. `app=shop,tier in (a,b)`.',
  });
}
