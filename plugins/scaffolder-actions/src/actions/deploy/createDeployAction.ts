import { createHash } from 'node:crypto';
import type { PermissionsService } from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { isWasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  type Clusters,
  createModulePreflight,
  createPublicImages,
  deployPlanned,
  type ImageVerifier,
  type ModuleEngine,
  type ModuleRegistry,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { stringify } from 'yaml';
import { logFindings } from '../../workspace';
import { forUsers } from '../forUsers';
import * as inputs from '../inputs';
import { pipelineInput } from '../krm';
import { readOwningEntity } from '../readOwningEntity';
import type { ReadClusterCaller } from '../../readClusterCaller';
import { assertMayDeploy } from './assertMayDeploy';
import { composeModule } from './composeModule';
import { examples } from './createDeployAction.examples';
import type { DeployReports } from './DeployReports';
import { logPlan } from './logPlan';
import { judgeDeploy } from './judgeDeploy';
import { refuseErrors } from './refuseErrors';

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
  const preflight = createModulePreflight({
    images: createPublicImages(options),
  });
  return forUsers(
    createTemplateAction({
      id: 'wasi:module:deploy',
      description:
        'Applies a WasmModule made from func.yaml and a pushed image, after a dry run in the cluster whose result the log shows. Safe to repeat. Refuses what the runner cannot run, an image without the signature that `wasi.verification` asks for, fields that another tool owns, and a module that belongs to another entity.',
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
                'Path of the .wasm file in the workspace that was pushed; it is looked into instead of pulling the image back. Default: the image is.',
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
          planOnly: z =>
            z
              .boolean()
              .default(false)
              .describe(
                'Only tell what would change and what would be refused, and apply nothing. Default: false.',
              ),
        },
        output: {
          cluster: z => z.string(),
          namespace: z => z.string(),
          name: z => z.string(),
          generation: z =>
            z
              .number()
              .describe(
                'Generation to wait for with wasi:module:wait; 0 where nothing was applied',
              ),
          changes: z =>
            z
              .array(
                z.object({
                  path: z.string(),
                  kind: z.enum(['added', 'removed', 'changed']),
                  before: z.string().optional(),
                  after: z.string().optional(),
                }),
              )
              .describe(
                'What changed, or with planOnly would change; values that look secret are masked',
              ),
          manifest: z => z.string().describe('What was applied, as YAML'),
        },
      },
      async handler(ctx) {
        const { input } = ctx;
        const { entityRef, name: kubernetesId } = readOwningEntity(
          input.entityRef,
        );
        const { module, findings, inspection } = await composeModule(ctx, {
          ...options,
          entityRef,
          kubernetesId,
        });
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
        const deploy = {
          client,
          module,
          entityRef,
          kubernetesId,
          force: input.force,
          signal: ctx.signal,
        };
        // Before it is told what the cluster has.
        const judge = async () => {
          await assertMayDeploy(entityRef, { ...options, credentials });
          const judged = await judgeDeploy(deploy, {
            ...options,
            preflight: ctx.isDryRun ? undefined : preflight,
            findings,
            inspection,
          });
          if (judged.plan) {
            logPlan(ctx.logger, judged.plan);
          }
          return judged;
        };

        if (ctx.isDryRun) {
          ctx.logger.info(
            `Dry run: would apply to ${client.cluster}:\n${manifest}`,
          );
          const judged = await judge().catch(error => {
            if (!isWasiError(error)) {
              throw error;
            }
            // A template is tried out, often with names that stand for others.
            ctx.logger.warn(`The plan is missing: ${error.message}`);
            return undefined;
          });
          logFindings(ctx.logger, judged?.findings ?? findings);
          ctx.output('changes', judged?.plan?.changes ?? []);
          ctx.output('generation', 0);
          return;
        }
        if (input.planOnly) {
          const judged = await judge();
          logFindings(ctx.logger, judged.findings);
          ctx.output('changes', judged.plan?.changes ?? []);
          ctx.output('generation', 0);
          return;
        }
        const contents = createHash('sha256').update(manifest).digest('hex');
        const deployed = await ctx.checkpoint({
          key: `deploy.v2.${client.cluster}.${contents}`,
          fn: async () => {
            const judged = await judge();
            const plan = refuseErrors(judged);
            logFindings(ctx.logger, judged.findings);
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
              const { generation, changed } = await deployPlanned(plan, deploy);
              await report.applied(generation);
              return {
                generation,
                changed,
                changes: plan.changes.map(change => ({ ...change })),
              };
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
        ctx.output('changes', deployed.changes);
        ctx.output('generation', deployed.generation);
      },
    }),
  );
}
