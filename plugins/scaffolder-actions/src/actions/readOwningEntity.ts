import {
  KubernetesValidatorFunctions,
  parseEntityRef,
  stringifyEntityRef,
  type CompoundEntityRef,
} from '@backstage/catalog-model';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * Reads the entity that a module belongs to, in full and as the catalog could have it:
 * the name becomes a label, and what owns a module must not be doubtful.
 *
 * @throws WasiError INPUT_INVALID
 * @internal
 */
export function readOwningEntity(text: string): {
  entityRef: string;
  name: string;
} {
  let ref: CompoundEntityRef | undefined;
  try {
    ref = parseEntityRef(text, {
      defaultKind: 'component',
      defaultNamespace: 'default',
    });
  } catch {
    // Told below, as any other that is none.
  }
  const { isValidKind, isValidNamespace, isValidObjectName } =
    KubernetesValidatorFunctions;
  if (
    !ref ||
    !isValidKind(ref.kind) ||
    !isValidNamespace(ref.namespace) ||
    !isValidObjectName(ref.name)
  ) {
    throw new WasiError('INPUT_INVALID', {
      message: `${JSON.stringify(text.slice(0, 200))} is no entity reference.`,
      remedy: 'Write it as component:default/hello.',
    });
  }
  return { entityRef: stringifyEntityRef(ref), name: ref.name };
}
