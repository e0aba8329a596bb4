import {
  coreServices,
  createServiceFactory,
  type ServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockServices,
  startTestBackend,
  type TestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import {
  catalogServiceRef,
  type CatalogService,
} from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import wasiPlugin from '@wasi-functions/backstage-plugin-wasi-backend';

/** What a configuration file may hold. */
export type ConfigData = NonNullable<
  NonNullable<Parameters<typeof mockServices.rootConfig.factory>[0]>['data']
>;

/** Starts the plugin on a catalog; the services given take the place of the defaults. */
export function startBackend(options: {
  config: ConfigData;
  entities: () => Entity[];
  services?: ServiceFactory[];
}): Promise<TestBackend> {
  const catalog = () => catalogServiceMock({ entities: options.entities() });
  return startTestBackend({
    features: [
      wasiPlugin,
      createServiceFactory({
        service: catalogServiceRef,
        deps: { logger: coreServices.logger },
        factory: () =>
          ({
            streamEntities: (...args) => catalog().streamEntities(...args),
            getEntitiesByRefs: (...args) =>
              catalog().getEntitiesByRefs(...args),
            getEntityByRef: (...args) => catalog().getEntityByRef(...args),
          } as Partial<CatalogService> as CatalogService),
      }),
      mockServices.rootConfig.factory({ data: options.config }),
      ...(options.services ?? []),
    ],
  });
}
