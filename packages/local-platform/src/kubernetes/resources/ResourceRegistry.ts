import type { KubernetesObject } from '../ObjectStore';
import { customResources } from './customDefinition';
import {
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
} from './accessRules';
import { configMaps } from './configMaps';
import { customResourceDefinitions } from './customResourceDefinitions';
import { elsewhere } from './elsewhere';
import { events } from './events';
import { namespaces } from './namespaces';
import { pods } from './pods';
import type { ResourceDefinition } from './ResourceDefinition';
import { secrets } from './secrets';
import { serviceAccounts } from './serviceAccounts';

const BUILT_IN: ResourceDefinition[] = [
  configMaps,
  events,
  namespaces,
  pods,
  secrets,
  serviceAccounts,
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
  customResourceDefinitions,
  ...elsewhere,
];

/** Which resources the API serves now: its own, and those of the CustomResourceDefinitions. */
export class ResourceRegistry {
  private custom: ResourceDefinition[] = [];

  get all(): ResourceDefinition[] {
    return [...BUILT_IN, ...this.custom];
  }

  /** Replaces the custom resources by those of these CustomResourceDefinitions. */
  setCustomResourceDefinitions(definitions: KubernetesObject[]): void {
    this.custom = definitions.flatMap(customResources);
  }

  find(
    group: string,
    version: string,
    plural: string,
  ): ResourceDefinition | undefined {
    return this.all.find(
      one =>
        one.group === group && one.version === version && one.plural === plural,
    );
  }

  /** By plural name alone; built-in kinds come first. */
  findByPlural(plural: string): ResourceDefinition | undefined {
    return this.all.find(one => one.plural === plural);
  }

  inGroup(group: string, version: string): ResourceDefinition[] {
    return this.all.filter(
      one => one.group === group && one.version === version,
    );
  }
}
