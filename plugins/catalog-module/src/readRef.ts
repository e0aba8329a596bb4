import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';

/**
 * An entity ref, written in full.
 *
 * @returns undefined where the text is none: the catalog would take words that no
 * entity has.
 * @internal
 */
export function readRef(
  text: string | undefined,
  defaultKind?: string,
): string | undefined {
  try {
    const ref = parseEntityRef((text ?? '').trim(), {
      defaultKind,
      defaultNamespace: 'default',
    });
    return [ref.kind, ref.namespace, ref.name].every(word =>
      /^[a-z0-9][a-z0-9_.-]{0,62}$/i.test(word),
    )
      ? stringifyEntityRef(ref)
      : undefined;
  } catch {
    // Empty, or without a kind.
    return undefined;
  }
}
