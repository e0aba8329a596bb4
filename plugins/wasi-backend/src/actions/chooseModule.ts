import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { CachedModule } from '@wasi-functions/backstage-plugin-wasi-node';
import type { EntityModules } from '../services/EntityModules';
import { moduleIdOf, readModuleRef } from './inputs';

/** The module that is named, else the only one of the entity. @internal */
export async function chooseModule(
  modules: EntityModules,
  entity: Entity,
  named: string | undefined,
): Promise<CachedModule> {
  if (named !== undefined) {
    return modules.require(entity, readModuleRef(named));
  }
  const { items, missing, problems } = await modules.find(entity);
  if (items.length === 1) {
    return items[0];
  }
  const ref = stringifyEntityRef(entity);
  if (items.length > 1) {
    throw new WasiError('INPUT_INVALID', {
      message: `${ref} has ${items.length} modules, and none was named.`,
      remedy: `Name one of: ${items
        .slice(0, 20)
        .map(item => moduleIdOf(item.ref))
        .join(', ')}.`,
    });
  }
  const [problem] = problems;
  if (problem) {
    throw new WasiError(problem.code, problem);
  }
  throw new WasiError('MODULE_NOT_FOUND', {
    message: `${ref} has no module${
      missing.length > 0
        ? `; it names ${missing.map(moduleIdOf).join(', ')}`
        : ''
    }.`,
  });
}
