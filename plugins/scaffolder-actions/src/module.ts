import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { ScmIntegrations } from '@backstage/integration';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
import { scaffolderWorkspaceProviderExtensionPoint } from '@backstage/plugin-scaffolder-node/alpha';
import {
  createAttester,
  createClusters,
  createCommandBuilder,
  createImageVerifier,
  createBuildRunner,
  createBuildToolchains,
  createModuleBuilder,
  createModuleEngine,
  createModuleRegistry,
  createReferrers,
  createToolchains,
  createWorkloads,
  readWasiConfig,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { createAttestAction } from './actions/attest';
import { createBuildAction } from './actions/build';
import { createCommandBuildAction } from './actions/command';
import { createCopyAction } from './actions/copy';
import { createDeleteImageAction } from './actions/deleteImage';
import { createDeployAction, createDeployReports } from './actions/deploy';
import { createAddWasmAction } from './actions/image';
import { createInitAction } from './actions/init';
import { createInspectAction } from './actions/inspect';
import { createKrmRunAction } from './actions/krm';
import { createPublishAction } from './actions/publish';
import { createPullAction } from './actions/pull';
import { createPushAction } from './actions/push';
import { createRunAction } from './actions/run';
import { createUndeployAction } from './actions/undeploy';
import { createValidateAction } from './actions/validate';
import { createWaitAction } from './actions/wait';
import { createWorkloadDeployAction } from './actions/workload';
import {
  name as packageName,
  version as packageVersion,
} from '../package.json';
import { createReadClusterCaller } from './readClusterCaller';
import { openWorkspaceStore } from './workspaceStore';

/**
 * Adds the `wasi:*` actions to the scaffolder, and a folder for the workspaces of unfinished runs.
 *
 * @public
 */
export const scaffolderModuleWasi = createBackendModule({
  pluginId: 'scaffolder',
  moduleId: 'wasi',
  register(env) {
    env.registerInit({
      deps: {
        actions: scaffolderActionsExtensionPoint,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        permissions: coreServices.permissions,
        reader: coreServices.urlReader,
        userInfo: coreServices.userInfo,
        workspaces: scaffolderWorkspaceProviderExtensionPoint,
      },
      async init({
        actions,
        auth,
        catalog,
        config,
        discovery,
        lifecycle,
        logger,
        permissions,
        reader,
        userInfo,
        workspaces,
      }) {
        const wasiConfig = readWasiConfig(config);
        const { maxModuleBytes } = wasiConfig.build;
        const toolchains = createToolchains(wasiConfig);
        const registry = createModuleRegistry(wasiConfig);
        const buildToolchains = createBuildToolchains(wasiConfig);
        const runner = createBuildRunner({
          config: wasiConfig,
          rootConfig: config,
          logger,
        });
        // Not waited for: the portal is up before it is ready for the first build.
        void runner.ready();
        const builder = createModuleBuilder({
          config: wasiConfig,
          toolchains: buildToolchains,
          registry,
          runner,
        });
        const commandBuilder = createCommandBuilder({
          config: wasiConfig,
          toolchains: buildToolchains,
          registry,
          runner,
        });
        // A folder of this process alone: what lies in it is run as code.
        const cacheDirectory = await mkdtemp(join(tmpdir(), 'wasi-modules-'));
        const engine = createModuleEngine({
          jco: () => toolchains.jco(),
          cacheDirectory,
        });
        lifecycle.addShutdownHook(async () => {
          await engine.close();
          await rm(cacheDirectory, { recursive: true, force: true });
        });
        const clusters = createClusters(config, wasiConfig, {
          auth,
          discovery,
          lifecycle,
          logger,
        });
        const readCaller = createReadClusterCaller({ auth, userInfo });
        const now = () => new Date();
        const referrers = createReferrers(wasiConfig);
        const attester = createAttester({
          registry,
          referrers,
          builder: {
            id: config.getOptionalString('app.baseUrl') ?? packageName,
            versions: { [packageName]: packageVersion },
          },
          signing: wasiConfig.signing,
          now,
        });
        const verifier = createImageVerifier({ ...wasiConfig, referrers });
        const integrations = ScmIntegrations.fromConfig(config);
        if (config.has('scaffolder.taskRecovery.directory')) {
          const directory = await openWorkspaceStore({
            directory: resolve(
              config.getString('scaffolder.taskRecovery.directory'),
            ),
            now,
          });
          workspaces.addProviders({ directory });
        }
        const reports = createDeployReports({ auth, discovery });
        actions.addActions(
          createInitAction({
            reader,
            integrations,
            catalog,
            now,
          }),
          createValidateAction(),
          createBuildAction({ builder, toolchains: buildToolchains }),
          createInspectAction({ maxModuleBytes }),
          createRunAction({ engine, maxModuleBytes }),
          createPublishAction({ integrations, config }),
          createPushAction({ registry, maxModuleBytes, now }),
          createPullAction({ registry, maxModuleBytes }),
          createCopyAction({ registry }),
          createDeleteImageAction({ registry, clusters, permissions }),
          createAttestAction({ attester, maxModuleBytes }),
          createDeployAction({
            clusters,
            readCaller,
            registry,
            verifier,
            catalog,
            permissions,
            engine,
            maxModuleBytes,
            reports,
          }),
          createWaitAction({ clusters }),
          createUndeployAction({
            clusters,
            permissions,
            readCaller,
            reports,
          }),
          createKrmRunAction({ engine, registry, maxModuleBytes }),
          createCommandBuildAction({ builder: commandBuilder }),
          createWorkloadDeployAction({
            workloads: createWorkloads(config, wasiConfig),
            verifier,
            catalog,
            permissions,
          }),
          createAddWasmAction({
            builder: commandBuilder,
            registry,
            maxModuleBytes,
            now,
          }),
        );
      },
    });
  },
});
