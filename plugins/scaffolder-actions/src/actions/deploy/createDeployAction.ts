import { createHash } from 'node:crypto';
import type { PermissionsService } from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  type Finding,
  isWasiError,
  preflight,
  type PreflightFacts,
  toWasmModule,
  type WasmModule,
  WasiError,
  wasiModuleUpdatePermission,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  type Clusters,
  deployModule,
  type ImageVerifier,
  inspectModule,
  type ModuleEngine,
  type ModuleRegistry,
  runModulePipeline,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { stringify } from 'yaml';
import {
  formatFinding,
  logFindings,
  readFunctionFolder,
  resolveInWorkspace,
} from '../../workspace';
import { forUsers } from '../forUsers';
import * as inputs from '../inputs';
import { pipelineInput, usePipeline } from '../krm';
import { readOwningEntity } from '../readOwningEntity';
import type { ReadClusterCaller } from '../../readClusterCaller';
import { examples } from './createDeployAction.examples';
import type { DeployReports } from './DeployReports';

/**
 * Creates `wasi:module:deploy`: a pushed module becomes a WasmModule, by server-side apply.
 *
 * @public
 */
export function createDeployAction(options: {
  clusters: Clusters;
  registry: ModuleRegistry;
  verifier: ImageVerifier;
  catalog: CatalogService;
  permissions: PermissionsService;
  engine: ModuleEngine;
  maxModuleBytes: number;
  reports: DeployReports;
  readCaller: ReadClusterCaller;
}) {
  return forUsers(
    createTemplateAction({
      id: 'wasi:module:deploy',
      description:
        'Applies a WasmModule made from func.yaml and a pushed image. Safe to repeat. Refuses what the runner cannot run, an image without the signature that `wasi.verification` asks for, and a module that belongs to another entity.',
      examples,
      supportsDryRun: true,
      schema: {
        input: {
          path: inputs.functionPath,
          image: z =>
            z
              .string()
              .describe(
                'What to run, best by digest: the `image` output of wasi:module:push.',
              ),
          entityRef: inputs.owningEntityRef,
          modulePath: z =>
            z
              .string()
              .optional()
              .describe(
                'Path of the .wasm file in the workspace; lets the check before the deploy look into it.',
              ),
          cluster: inputs.cluster,
          namespace: z =>
            z
              .string()
              .optional()
              .describe(
                'Namespace. Default: `deploy.namespace` of func.yaml, else default.',
              ),
          env: z =>
            z
              .record(z.string())
              .optional()
              .describe('Values for `{{ env:NAME }}` in func.yaml, by name.'),
          pipeline: z =>
            pipelineInput(z)
              .optional()
              .describe(
                'KRM functions that change and check the WasmModule before it is applied; its name, owner and image stay. Default: none.',
              ),
          force: inputs.force,
        },
        output: {
          cluster: z => z.string(),
          namespace: z => z.string(),
          name: z => z.string(),
          generation: z =>
            z.number().describe('Generation to wait for with wasi:module:wait'),
          manifest: z => z.string().describe('What was applied, as YAML'),
        },
      },
      async handler(ctx) {
        const { input } = ctx;
        const { entityRef, name: kubernetesId } = readOwningEntity(
          input.entityRef,
        );
        const { funcConfig } = await readFunctionFolder(
          ctx.workspacePath,
          input.path,
        );
        const inspection = input.modulePath
          ? await inspectModule(
              resolveInWorkspace(ctx.workspacePath, input.modulePath),
              { maxBytes: options.maxModuleBytes },
            ).catch(error => {
              if (ctx.isDryRun) {
                // A dry run builds nothing, so there is nothing to look into.
                return undefined;
              }
              throw error;
            })
          : undefined;
        const mapped = toWasmModule(funcConfig, {
          image: input.image,
          inspection,
          entityRef,
          kubernetesId,
          namespace: input.namespace,
          localEnv: input.env,
        });
        const composed =
          mapped.module && input.pipeline && !ctx.isDryRun
            ? await usePipeline(
                input.pipeline,
                {
                  ...options,
                  workspacePath: ctx.workspacePath,
                  signal: ctx.signal,
                },
                async pipeline =>
                  (
                    await runModulePipeline({
                      engine: options.engine,
                      pipeline,
                      module: mapped.module!,
                      signal: ctx.signal,
                      log: line => ctx.logger.info(line),
                    })
                  ).module,
              )
            : mapped.module;
        const findings = [...mapped.findings];
        if (composed) {
          findings.push(
            ...preflight(composed, {
              inspection,
              anonymousPull: ctx.isDryRun
                ? undefined
                : await options.registry.canPullAnonymously(input.image),
              layout: ctx.isDryRun
                ? undefined
                : await readLayout(options.registry, input.image, ctx.signal),
            }),
          );
        }
        const module = refuseErrors(composed, findings);
        logFindings(ctx.logger, findings);

        const manifest = stringify(module);
        ctx.output('manifest', manifest);
        ctx.output('name', module.metadata.name);
        ctx.output('namespace', module.metadata.namespace ?? 'default');
        const credentials = await ctx.getInitiatorCredentials();
        const client = options.clusters.client(
          input.cluster,
          await options.readCaller(credentials),
        );
        ctx.output('cluster', client.cluster);
        if (ctx.isDryRun) {
          ctx.logger.info(
            `Dry run: would apply to ${client.cluster}:\n${manifest}`,
          );
          ctx.output('generation', 0);
          return;
        }

        await assertMayDeploy(entityRef, { ...options, credentials });
        logFindings(
          ctx.logger,
          // What is applied, whatever a pipeline made of it.
          await options.verifier.verify(module.spec.image, {
            signal: ctx.signal,
          }),
        );
        const contents = createHash('sha256').update(manifest).digest('hex');
        const deployed = await ctx.checkpoint({
          key: `deploy.v1.${client.cluster}.${contents}`,
          fn: async () => {
            const report = await options.reports.begin({
              entityRef,
              cluster: client.cluster,
              module,
              key: [ctx.task.id, ctx.step?.id, client.cluster, contents].join(),
              size: inspection?.size,
              credentials,
              logger: ctx.logger,
            });
            try {
              const { generation, changed } = await deployModule({
                client,
                module,
                entityRef,
                kubernetesId,
                force: input.force,
                signal: ctx.signal,
              });
              await report.applied(generation);
              return { generation, changed };
            } catch (error) {
              await report.failed(error);
              throw error;
            }
          },
        });
        ctx.logger.info(
          `${deployed.changed ? 'Applied' : 'Already up to date:'} WasmModule ${
            module.metadata.namespace
          }/${module.metadata.name} in ${client.cluster}, generation ${
            deployed.generation
          }.`,
        );
        ctx.output('generation', deployed.generation);
      },
    }),
  );
}

/** What the runner would find; that it finds nothing, or may not, its own check tells. */
async function readLayout(
  registry: ModuleRegistry,
  image: string,
  signal?: AbortSignal,
): Promise<PreflightFacts['layout']> {
  try {
    const { mediaType, layers, index } = await registry.describe(image, {
      signal,
    });
    return {
      mediaType,
      index,
      layerMediaTypes: layers.map(layer => layer.mediaType),
    };
  } catch (error) {
    if (
      isWasiError(error) &&
      [
        'REGISTRY_NOT_FOUND',
        'REGISTRY_UNAUTHENTICATED',
        'REGISTRY_FORBIDDEN',
      ].includes(error.code)
    ) {
      return undefined;
    }
    throw error;
  }
}

function refuseErrors(
  module: WasmModule | undefined,
  findings: Finding[],
): WasmModule {
  const errors = findings.filter(finding => finding.severity === 'error');
  if (module && errors.length === 0) {
    return module;
  }
  throw new WasiError(errors[0]?.code ?? 'MODULE_INVALID', {
    message: `The module was not deployed, because it would not run:\n${errors
      .map(formatFinding)
      .join('\n')}`,
    remedy: errors[0]?.remedy,
    findings: errors,
  });
}

/**
 * Judges the user who started the task, where the entity exists already. A new
 * entity has no owner yet; then the module's own annotation decides, see `deployModule`.
 *
 * @internal
 */
export async function assertMayDeploy(
  entityRef: string,
  options: {
    catalog: CatalogService;
    permissions: PermissionsService;
    credentials: Parameters<PermissionsService['authorize']>[1]['credentials'];
  },
): Promise<void> {
  const { catalog, permissions, credentials } = options;
  const entity = await catalog.getEntityByRef(entityRef, { credentials });
  if (!entity) {
    return;
  }
  const [decision] = await permissions.authorize(
    [{ permission: wasiModuleUpdatePermission, resourceRef: entityRef }],
    { credentials },
  );
  if (decision.result !== AuthorizeResult.ALLOW) {
    throw new WasiError('PERMISSION_DENIED', {
      message: `You may not deploy modules of ${entityRef}: permission ${wasiModuleUpdatePermission.name} is denied.`,
    });
  }
}
