import type { AuthService } from '@backstage/backend-plugin-api';
import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  ANNOTATION_KUBERNETES_ID,
  ANNOTATION_KUBERNETES_LABEL_SELECTOR,
  ANNOTATION_MODULE,
  isWasiError,
  LABEL_KUBERNETES_ID,
  readModuleLinks,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  matchLabelSelector,
  type LabelMatcher,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { CATALOG_FILTER_EXISTS } from '@backstage/catalog-client';
import { isIngested, type FoundModule } from './toComponent';

const FIELDS = ['kind', 'metadata'];
const REFS_AT_ONCE = 500;

interface Selection {
  cluster?: string;
  namespace?: string;
  labels: LabelMatcher;
}

/**
 * Which modules the entities of users name, by the annotations that the pages
 * read: those modules need no other entity.
 *
 * @internal
 */
export class NamedModules {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #links = new Set<string>();
  readonly #ids = new Map<string, Selection[]>();
  readonly #selections: Selection[] = [];

  private constructor(options: { catalog: CatalogService; auth: AuthService }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
  }

  static async read(options: {
    catalog: CatalogService;
    auth: AuthService;
  }): Promise<NamedModules> {
    const named = new NamedModules(options);
    const pages = options.catalog.streamEntities(
      {
        // Any of the three.
        filter: [
          ANNOTATION_MODULE,
          ANNOTATION_KUBERNETES_ID,
          ANNOTATION_KUBERNETES_LABEL_SELECTOR,
        ].map(key => ({
          [`metadata.annotations.${key}`]: CATALOG_FILTER_EXISTS,
        })),
        fields: FIELDS,
      },
      await named.#credentials(),
    );
    for await (const page of pages) {
      page.forEach(entity => named.#add(entity));
    }
    return named;
  }

  has({ ref, metadata }: FoundModule): boolean {
    const { cluster, namespace, name } = ref;
    const id = metadata.labels?.[LABEL_KUBERNETES_ID];
    return (
      this.#links.has(keyOf({ cluster, namespace, name })) ||
      this.#links.has(keyOf({ namespace, name })) ||
      [...(id ? this.#ids.get(id) ?? [] : []), ...this.#selections].some(
        selection =>
          (selection.cluster ?? cluster) === cluster &&
          (selection.namespace ?? namespace) === namespace &&
          selection.labels(metadata.labels),
      )
    );
  }

  /** Of these entity refs those that there are, except entities of this package. */
  async existing(refs: string[]): Promise<Set<string>> {
    const found = new Set<string>();
    for (let at = 0; at < refs.length; at += REFS_AT_ONCE) {
      const entityRefs = refs.slice(at, at + REFS_AT_ONCE);
      const { items } = await this.#catalog.getEntitiesByRefs(
        { entityRefs, fields: FIELDS },
        await this.#credentials(),
      );
      for (const entity of items) {
        if (entity && !isIngested(entity.metadata.annotations)) {
          found.add(stringifyEntityRef(entity));
        }
      }
    }
    return found;
  }

  #add(entity: Entity): void {
    const { annotations } = entity.metadata;
    if (isIngested(annotations)) {
      return;
    }
    const { links, selector } = readModuleLinks(entity);
    for (const link of links) {
      // As on the entity's page, where a name alone is one in `default`.
      this.#links.add(
        keyOf({ ...link, namespace: link.namespace ?? 'default' }),
      );
    }
    if (!selector) {
      return;
    }
    try {
      const { cluster, namespace, labelSelector } = selector;
      const labels = matchLabelSelector(labelSelector);
      const selection = { cluster, namespace, labels };
      const id = annotations?.[ANNOTATION_KUBERNETES_ID]?.trim();
      // Most entities of a portal may have an id, and few a selector of their own.
      if (id && !annotations?.[ANNOTATION_KUBERNETES_LABEL_SELECTOR]) {
        this.#ids.set(id, [...(this.#ids.get(id) ?? []), selection]);
      } else {
        this.#selections.push(selection);
      }
    } catch (error) {
      if (!isWasiError(error)) {
        throw error;
      }
      // A selector that cannot be read chooses nothing; the entity's page says so.
    }
  }

  async #credentials() {
    return { credentials: await this.#auth.getOwnServiceCredentials() };
  }
}

function keyOf(link: {
  cluster?: string;
  namespace: string;
  name: string;
}): string {
  return JSON.stringify([link.cluster ?? null, link.namespace, link.name]);
}
