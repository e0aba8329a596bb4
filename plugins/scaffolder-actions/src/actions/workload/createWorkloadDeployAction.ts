import { createHash } from 'node:crypto';
import type { PermissionsService } from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  composeWorkload,
  type ImageVerifier,
  type Workloads,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { stringify } from 'yaml';
import { logFindings } from '../../workspace';
import { assertMayDeploy } from '../deploy/assertMayDeploy';
import { forUsers } from '../forUsers';
import * as inputs from '../inputs';
import { readOwningEntity } from '../readOwningEntity';
import { examples } from './createWorkloadDeployAction.examples';

const BY_DIGEST = /@sha256:[a-f0-9]{64}$/;

/**
 * Creates `wasi:workload:deploy`: a module in a container image runs in pods, by a runtime class.
 *
 * @public
 */
export function createWorkloadDeployAction(options: {
  workloads: Workloads;
  verifier: ImageVerifier;
  catalog: CatalogService;
  permissions: PermissionsService;
}) {
  return forUsers(
    createTemplateAction({
      id: 'wasi:workload:deploy',
      description:
        'Applies a Deployment for a module in a container image (format compat), on nodes whose runtime class runs WebAssembly, and a NetworkPolicy for what it may reach. For programs; functions that answer HTTP are deployed with wasi:module:deploy. Refuses what belongs to another entity.',
      examples,
      supportsDryRun: true,
      schema: {
        input: {
          name: z =>
            z
              .string()
              .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/)
              .max(63)
              .describe('Name of the Deployment.'),
          image: z =>
            z
              .string()
              .regex(BY_DIGEST)
              .describe(
                'Image by digest, registry/name@sha256:…: the `image` output of wasi:module:push with the format compat.',
              ),
          entityRef: inputs.owningEntityRef,
          runtimeClassName: z =>
            z
              .string()
              .regex(/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/)
              .describe('Runtime class for WebAssembly, such as wasmtime.'),
          cluster: inputs.cluster,
          namespace: inputs.namespace,
          args: z => z.array(z.string()).default([]).describe('Arguments.'),
          env: z =>
            z
              .record(z.string())
              .default({})
              .describe('Environment, by name. No secrets: it can be read.'),
          folders: z =>
            z
              .array(
                z.object({
                  guestPath: z.string(),
                  claim: z.string(),
                  readOnly: z.boolean().default(true),
                }),
              )
              .default([])
              .describe(
                'All that it sees of a file system: guestPath, claim (a PersistentVolumeClaim of the namespace), readOnly (default: true).',
              ),
          network: z =>
            z
              .enum(['none', 'outgoing', 'all'])
              .default('none')
              .describe(
                'Whether it may call others, or also be called. Default: none.',
              ),
          memory: z =>
            z
              .string()
              .default('128Mi')
              .describe('Memory limit, a Kubernetes quantity. Default: 128Mi.'),
          replicas: z =>
            z
              .number()
              .int()
              .min(0)
              .max(100)
              .default(1)
              .describe('How many pods. Default: 1.'),
          force: inputs.force,
        },
        output: {
          cluster: z => z.string(),
          namespace: z => z.string(),
          name: z => z.string(),
          manifest: z => z.string().describe('What was applied, as YAML'),
        },
      },
      async handler(ctx) {
        const { input } = ctx;
        const { entityRef, name: kubernetesId } = readOwningEntity(
          input.entityRef,
        );
        if (!BY_DIGEST.test(input.image)) {
          throw new WasiError('IMAGE_REFERENCE_INVALID', {
            message: `${JSON.stringify(
              input.image.slice(0, 200),
            )} is no image by digest.`,
            remedy: 'Use the `image` output of wasi:module:push.',
          });
        }
        const objects = composeWorkload(
          { ...input, limits: { memory: input.memory } },
          { entityRef, kubernetesId },
        );
        const manifest = objects.map(object => stringify(object)).join('---\n');
        ctx.output('manifest', manifest);
        ctx.output('name', input.name);
        ctx.output('namespace', input.namespace);
        if (ctx.isDryRun) {
          ctx.logger.info(`Dry run: would apply:\n${manifest}`);
          ctx.output('cluster', input.cluster ?? '');
          return;
        }
        await assertMayDeploy(entityRef, {
          ...options,
          credentials: await ctx.getInitiatorCredentials(),
        });
        logFindings(
          ctx.logger,
          await options.verifier.verify(input.image, { signal: ctx.signal }),
        );
        const contents = createHash('sha256').update(manifest).digest('hex');
        const { cluster } = await ctx.checkpoint({
          key: `workload.v1.${input.cluster ?? ''}.${contents}`,
          fn: async () => {
            const deployed = await options.workloads.deploy({
              cluster: input.cluster,
              objects,
              entityRef,
              force: input.force,
              signal: ctx.signal,
            });
            return { cluster: deployed.cluster };
          },
        });
        ctx.logger.info(
          `Applied Deployment ${input.namespace}/${input.name} in ${cluster}, runtime class ${input.runtimeClassName}.`,
        );
        ctx.output('cluster', cluster);
      },
    }),
  );
}
