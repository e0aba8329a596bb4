import { badRequest } from '../status/refusals';

/** Tells whether labels fit. */
export type LabelSelector = (labels: Record<string, string>) => boolean;

const KEY = '[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?';
const VALUE = '[-A-Za-z0-9_.]*';
const SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const EQUALITY = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*(${VALUE})$`);
const EXISTS = new RegExp(`^(!?)\\s*(${KEY})$`);

/**
 * Reads a label selector, equality-based and set-based.
 *
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 *
 * @throws KubernetesStatusError 400
 */
export function parseLabelSelector(text: string): LabelSelector {
  const requirements = split(text).map(part => parseRequirement(part, text));
  return labels => requirements.every(fits => fits(labels));
}

/** At commas that are not inside parentheses. */
function split(text: string): string[] {
  return text.trim() === ''
    ? []
    : text.split(/,(?![^()]*\))/).map(part => part.trim());
}

function parseRequirement(part: string, text: string): LabelSelector {
  const set = SET.exec(part);
  if (set) {
    const [, key, operator, list] = set;
    const values = list.split(',').map(value => value.trim());
    const wanted = operator === 'in';
    return labels =>
      Object.hasOwn(labels, key)
        ? values.includes(labels[key]) === wanted
        : !wanted;
  }
  const equality = EQUALITY.exec(part);
  if (equality) {
    const [, key, operator, value] = equality;
    return operator === '!='
      ? labels => !Object.hasOwn(labels, key) || labels[key] !== value
      : labels => Object.hasOwn(labels, key) && labels[key] === value;
  }
  const exists = EXISTS.exec(part);
  if (exists) {
    const [, not, key] = exists;
    return labels => Object.hasOwn(labels, key) !== (not === '!');
  }
  throw badRequest(
    `unable to parse requirement: found '${part}' in the label selector '${text}'`,
  );
}
