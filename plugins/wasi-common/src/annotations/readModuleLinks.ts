import type { Entity } from '@backstage/catalog-model';
import type { Finding } from '../diagnosis';
/** A module that an entity names. @public */
export interface ModuleLink {
  cluster?: string;
  namespace?: string;
  name: string;
}
/** What an entity says about its modules. @public */
export interface ModuleLinks {
  links: ModuleLink[];
  selector?: { labelSelector: string; namespace?: string; cluster?: string };
  findings: Finding[];
}
/** Reads an entity's module annotations. @public */
export function readModuleLinks(_entity: Entity): ModuleLinks {
  return { links: [], findings: [] };
}
