import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  wasiPermissions,
  type ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createClusters,
  createModuleCache,
  createModulePreflight,
  createPublicImages,
  createImageVerifier,
  createModuleRegistry,
  createReferrers,
  createSupplyChainReader,
  createBuildToolchains,
  inspectModule,
  readWasiConfig,
  wasiClustersExtensionPoint,
  type Clusters,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { registerModuleActions } from './actions/registerModuleActions';
import { openDatabase } from './database/openDatabase';
import { createHistory } from './history/createHistory';
import { ReportAccess } from './history/ReportAccess';
import { createRouter } from './router';
import { ArtifactReader } from './services/ArtifactReader';
import { Callers } from './services/Callers';
import { ChangeSignals } from './services/ChangeSignals';
import { CompanionReader } from './services/CompanionReader';
import { createModuleWrites } from './services/createModuleWrites';
import { EntityAccess } from './services/EntityAccess';
import { EntityModules } from './services/EntityModules';
import { EventReader } from './services/EventReader';
import { FailureLogs } from './services/FailureLogs';
import { InfoReader } from './services/InfoReader';
import { LogStreams } from './services/LogStreams';
import { ModuleInvoker } from './services/ModuleInvoker';
import { ModuleReader } from './services/ModuleReader';
import { SharedImages } from './services/SharedImages';
import { SupplyChains } from './services/SupplyChains';
import { TokenModules } from './services/TokenModules';
import { createSync } from './sync/createSync';

/**
 * The backend plugin `wasi`: the WasmModules of catalog entities over HTTP.
 *
 * @public
 */
export const wasiPlugin = createBackendPlugin({
  pluginId: 'wasi',
  register(env) {
    let givenClusters: Clusters | undefined;
    env.registerExtensionPoint(wasiClustersExtensionPoint, {
      setClusters(clusters) {
        givenClusters = clusters;
      },
    });
    env.registerInit({
      deps: {
        actionsRegistry: actionsRegistryServiceRef,
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        discovery: coreServices.discovery,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        scheduler: coreServices.scheduler,
        signals: signalsServiceRef,
        urlReader: coreServices.urlReader,
        userInfo: coreServices.userInfo,
      },
      async init(deps) {
        const { auditor, config, httpAuth, lifecycle, logger } = deps;
        const wasiConfig = readWasiConfig(config);
        const clusters =
          givenClusters ?? createClusters(config, wasiConfig, deps);
        for (const { problem } of clusters.names()) {
          if (problem) {
            logger.warn(`${problem.message} ${problem.remedy}`);
          }
        }
        const changes = new ChangeSignals({ signals: deps.signals, logger });
        const listeners = [
          (refs: ModuleRef[], moved: boolean) => changes.changed(refs, moved),
        ];
        const cache = createModuleCache({
          clusters,
          ...wasiConfig.watch,
          onChange: (refs, moved) =>
            listeners.forEach(listen => listen(refs, moved)),
          onProblem: cluster => changes.problem(cluster),
        });
        const tokens = new TokenModules({ clusters });
        const modules = new EntityModules({ cache, clusters, tokens });
        const referrers = createReferrers(wasiConfig);
        const registry = createModuleRegistry(wasiConfig);
        const verifier = createImageVerifier({ ...wasiConfig, referrers });
        const { maxModuleBytes } = wasiConfig.build;
        const inspect = (path: string) =>
          inspectModule(path, { maxBytes: maxModuleBytes, measureGzip: true });
        const artifacts = new ArtifactReader({
          registry,
          supplyChains: new SupplyChains({
            reader: createSupplyChainReader({ ...wasiConfig, referrers }),
            logger,
          }),
          inspect,
          maxModuleBytes,
          logger,
        });
        const images = new SharedImages({
          images: createPublicImages({ registry, maxModuleBytes }),
        });
        const reader = new ModuleReader({
          modules,
          clusters,
          companions: new CompanionReader({
            cache,
            events: new EventReader({ clusters }),
          }),
          logs: new FailureLogs({ clusters }),
          artifacts,
        });

        const knex = await openDatabase(deps.database);
        const history = await createHistory({
          ...deps,
          knex,
          clusters,
          cache,
          health: async cached => (await reader.view(cached)).health,
        });
        listeners.push(refs => history.changed(refs));
        tokens.whenRead(items => history.seen(items));

        const sync = createSync({
          ...deps,
          knex,
          clusters,
          cache,
          images,
          verifier,
          deployments: history.log,
        });

        const access = new EntityAccess(deps);
        const callers = new Callers(deps);
        const writes = createModuleWrites({
          clusters,
          cache,
          reader,
          verifier,
          preflight: createModulePreflight({ images }),
          log: sync.deployments,
        });
        const invoker = new ModuleInvoker({
          modules,
          timeoutMs: wasiConfig.invoke.timeoutMs,
        });

        const logs = new LogStreams({ clusters });

        deps.permissionsRegistry.addPermissions(wasiPermissions);
        registerModuleActions(deps.actionsRegistry, {
          ...deps,
          access,
          callers,
          cache,
          clusters,
          modules,
          reader,
          ...writes,
          invoker,
          deployments: history.reader,
          knex,
        });
        deps.httpRouter.use(
          createRouter({
            httpAuth,
            auditor,
            access,
            callers,
            modules,
            reader,
            ...writes,
            artifacts,
            logs,
            invoker,
            deployments: history.reader,
            reports: history.createReports(sync.deployments),
            reportAccess: new ReportAccess({ ...deps, access }),
            sync: sync.control,
            info: new InfoReader({
              toolchains: createBuildToolchains(wasiConfig),
              clusters,
              cache,
              registries: wasiConfig.registries,
            }),
          }),
        );
        cache.start();
        await sync.start();
        lifecycle.addShutdownHook(() => sync.stop());
        lifecycle.addShutdownHook(() => {
          logs.stop();
          return cache.stop();
        });
      },
    });
  },
});
