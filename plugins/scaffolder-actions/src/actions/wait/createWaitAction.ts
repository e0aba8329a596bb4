import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  type Clusters,
  waitForModule,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { forUsers } from '../forUsers';
import * as inputs from '../inputs';
import { examples } from './createWaitAction.examples';

/**
 * Creates `wasi:module:wait`: an applied module becomes a ready one with a URL, or a diagnosis.
 *
 * @public
 */
export function createWaitAction(options: { clusters: Clusters }) {
  return forUsers(
    createTemplateAction({
      id: 'wasi:module:wait',
      description:
        "Waits until a WasmModule is Ready for the generation that was applied. Fails at the deadline, or earlier where the cause is final, with the last condition, its remedy and the module's last log lines.",
      examples,
      supportsDryRun: true,
      schema: {
        input: {
          cluster: inputs.cluster,
          namespace: inputs.namespace,
          name: inputs.moduleName,
          generation: z =>
            z
              .number()
              .optional()
              .describe(
                'Generation that must be Ready: the output of wasi:module:deploy. Default: the one the module has when the wait starts.',
              ),
          timeoutSeconds: z =>
            z
              .number()
              .min(1)
              .max(3600)
              .default(300)
              .describe('Deadline in seconds. Default: 300.'),
        },
        output: {
          url: z => z.string().describe('Address of the module'),
        },
      },
      async handler(ctx) {
        const { cluster, namespace, name, generation, timeoutSeconds } =
          ctx.input;
        if (ctx.isDryRun) {
          ctx.logger.info(`Dry run: would wait for ${namespace}/${name}.`);
          ctx.output('url', '');
          return;
        }
        const client = options.clusters.client(cluster);
        const ref = { namespace, name };
        const module = await waitForModule({
          client,
          ref,
          generation:
            generation ??
            (
              await client.get(ref, { signal: ctx.signal })
            ).metadata.generation ??
            1,
          timeoutMs: timeoutSeconds * 1000,
          signal: ctx.signal,
          onCondition: (_, health) =>
            ctx.logger.info(`${health.state}: ${health.message}`),
        });
        const url = module.status?.address?.url ?? '';
        ctx.logger.info(`${namespace}/${name} is Ready at ${url}`);
        ctx.output('url', url);
      },
    }),
  );
}
