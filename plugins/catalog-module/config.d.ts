import type { SchedulerServiceTaskScheduleDefinitionConfig } from '@backstage/backend-plugin-api';

export interface Config {
  catalog?: {
    providers?: {
      /**
       * Brings WasmModules that no entity names into the catalog as Components.
       * The clusters are those of the Kubernetes plugin. Off without an entry.
       */
      wasi?: {
        [id: string]: {
          /** Names of clusters. Default: all. */
          clusters?: string[];
          /** Namespaces to list, one request each. Default: all, in one request. */
          namespaces?: string[];
          /** Which modules, in the grammar of Kubernetes, e.g. `env=production`. Default: all. */
          labelSelector?: string;
          /** Entity ref of the owner of modules that name none, e.g. `group:default/platform`. */
          owner: string;
          /**
           * Read each image once, from the registries of `wasi.registries`, and have
           * its WIT world as an API that the Component provides. Default: false.
           */
          apis?: boolean;
          /** How often each cluster is listed, e.g. `{ frequency: { minutes: 5 }, timeout: { minutes: 2 } }`. */
          schedule: SchedulerServiceTaskScheduleDefinitionConfig;
        };
      };
    };
  };
}
