import {
  parseEntityRef,
  RELATION_OWNED_BY,
  stringifyEntityRef,
  type Entity,
} from '@backstage/catalog-model';
import {
  parseImageReference,
  WasiError,
  type ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { AllowRule } from './readSyncConfig';

/**
 * What an operator lets be deployed from the catalog.
 *
 * The writes are made as the portal's own account and func.yaml is written by
 * developers, so nothing is allowed that is not named.
 *
 * @internal
 */
export class SyncPolicy {
  readonly #rules: { [key in keyof AllowRule]: RegExp[] }[];

  constructor(rules: AllowRule[]) {
    this.#rules = rules.map(rule => ({
      sources: rule.sources.map(pattern => toRegExp(pattern)),
      // Refs of entities are compared without case.
      entities: rule.entities.map(pattern => toRegExp(pattern, 'i')),
      owners: rule.owners.map(pattern => toRegExp(pattern, 'i')),
      targets: rule.targets.map(pattern => toRegExp(pattern)),
      registries: rule.registries.map(pattern => toRegExp(pattern)),
    }));
  }

  /** @throws WasiError SYNC_NOT_ALLOWED */
  require(options: {
    entity: Entity;
    /** Addresses of func.yaml and its overlay. */
    sources: string[];
    target: Pick<ModuleRef, 'cluster' | 'namespace'>;
    image: string;
  }): void {
    const { entity, image } = options;
    const from = options.sources.join(' and ');
    const entityRef = stringifyEntityRef(entity);
    const target = `${options.target.cluster}/${options.target.namespace}`;
    const owners = ownersOf(entity);
    const { host, repository } = parseImageReference(image);
    const ofSource = this.#rules.filter(
      ({ sources, entities, owners: allowed }) =>
        options.sources.every(source => matches(sources, source)) &&
        matches(entities, entityRef) &&
        // Without an owner only a rule for everybody fits.
        (owners.length > 0 ? owners : ['']).some(owner =>
          matches(allowed, owner),
        ),
    );
    const ofTarget = ofSource.filter(({ targets }) => matches(targets, target));
    if (ofTarget.length === 0) {
      throw new WasiError('SYNC_NOT_ALLOWED', {
        message: `${entityRef} from ${from} may not be deployed from the catalog to ${target}.`,
      });
    }
    if (
      !ofTarget.some(({ registries }) =>
        matches(registries, `${host}/${repository}`),
      )
    ) {
      throw new WasiError('SYNC_NOT_ALLOWED', {
        message: `${entityRef} may not be deployed from the catalog to ${target} with the image ${host}/${repository}.`,
      });
    }
  }
}

function ownersOf(entity: Entity): string[] {
  return (entity.relations ?? [])
    .filter(({ type }) => type === RELATION_OWNED_BY)
    .map(({ targetRef }) => stringifyEntityRef(parseEntityRef(targetRef)));
}

function matches(patterns: RegExp[], text: string): boolean {
  return patterns.some(pattern => pattern.test(text));
}

/** `*` stands for any text. */
function toRegExp(pattern: string, flags = ''): RegExp {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${pattern.split('*').map(literal).join('.*')}$`, flags);
}
