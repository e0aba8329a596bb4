import type { Scalar } from 'yaml';

/**
 * A scalar as text: a number or a boolean as it is written, as func takes it.
 *
 * @internal
 */
export function scalarText(node: Scalar): string | undefined {
  switch (typeof node.value) {
    case 'string':
      return node.value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return node.source ?? String(node.value);
    default:
      return undefined;
  }
}
