import {
  ANNOTATION_ENTITY_REF,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { requiredLabels } from './matchLabelSelector';

const NONE: ReadonlySet<string> = new Set();

// Labels have no blank, so terms of different kinds never meet.
const nameTerm = (name: string) => `name ${name}`;
const entityTerm = (ref: string) => `entity ${ref.toLocaleLowerCase('en-US')}`;
const labelTerm = (label: string, value: string) => `${label}=${value}`;

/** What narrows a search down. @internal */
export interface IndexedQuery {
  name?: string;
  labelSelector?: string;
  entityRef?: string;
}

/**
 * Finds modules by name, entity and labels without looking at all of them.
 *
 * @internal
 */
export class ModuleIndex {
  readonly #keys = new Map<string, Set<string>>();

  add(key: string, module: WasmModule): void {
    for (const term of termsOf(module)) {
      const keys = this.#keys.get(term);
      if (keys) {
        keys.add(key);
      } else {
        this.#keys.set(term, new Set([key]));
      }
    }
  }

  remove(key: string, module: WasmModule): void {
    for (const term of termsOf(module)) {
      const keys = this.#keys.get(term);
      keys?.delete(key);
      if (keys?.size === 0) {
        this.#keys.delete(term);
      }
    }
  }

  /**
   * Keys of all modules that the query can mean, maybe of more; undefined where
   * it means any.
   */
  candidates(query: IndexedQuery): ReadonlySet<string> | undefined {
    const terms = [
      ...(query.name ? [nameTerm(query.name)] : []),
      ...(query.entityRef ? [entityTerm(query.entityRef)] : []),
      ...(query.labelSelector
        ? requiredLabels(query.labelSelector).map(([label, value]) =>
            labelTerm(label, value),
          )
        : []),
    ];
    let fewest: ReadonlySet<string> | undefined;
    for (const term of terms) {
      const keys = this.#keys.get(term) ?? NONE;
      if (!fewest || keys.size < fewest.size) {
        fewest = keys;
      }
    }
    return fewest;
  }
}

function termsOf({ metadata }: WasmModule): string[] {
  const entityRef = metadata.annotations?.[ANNOTATION_ENTITY_REF];
  return [
    nameTerm(metadata.name),
    ...(entityRef ? [entityTerm(entityRef)] : []),
    ...Object.entries(metadata.labels ?? {}).map(([label, value]) =>
      labelTerm(label, value),
    ),
  ];
}
