import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  runFolderPipeline,
  type ModuleEngine,
  type ModuleRegistry,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { requireFolder } from '../../workspace';
import { forUsers } from '../forUsers';
import { examples } from './createKrmRunAction.examples';
import { pipelineInput } from './pipelineInput';
import { readKptfile } from './readKptfile';
import { readPipeline, usePipeline } from './usePipeline';

/**
 * Creates `wasi:krm:run`: KRM functions in WebAssembly change and check the resources of a folder.
 *
 * @public
 */
export function createKrmRunAction(options: {
  engine: ModuleEngine;
  registry: ModuleRegistry;
  maxModuleBytes: number;
}) {
  return forUsers(
    createTemplateAction({
      id: 'wasi:krm:run',
      description:
        'Runs KRM functions in WebAssembly over the Kubernetes resources of a folder, as `kpt fn render` does: WASI commands and Go programs compiled with GOOS=js. A function gets the resources and its configMap, and nothing else.',
      examples,
      supportsDryRun: true,
      schema: {
        input: {
          path: z =>
            z
              .string()
              .default('.')
              .describe(
                'Folder in the workspace that holds the resources. Default: the workspace itself.',
              ),
          pipeline: z =>
            pipelineInput(z)
              .optional()
              .describe(
                'What runs: mutators, then validators. Default: the pipeline of the Kptfile in the folder.',
              ),
          write: z =>
            z
              .boolean()
              .default(true)
              .describe(
                'Write what the functions changed; false leaves every file as it is. Default: true.',
              ),
          timeoutSeconds: z =>
            z
              .number()
              .min(1)
              .max(300)
              .default(30)
              .describe('Longest run of one function in seconds. Default: 30.'),
        },
        output: {
          resources: z =>
            z.number().describe('How many resources there are now'),
          changed: z =>
            z
              .array(z.string())
              .describe(
                'Files that were changed, made or removed, below the folder',
              ),
          results: z =>
            z
              .array(
                z.object({
                  severity: z.string(),
                  message: z.string(),
                }),
              )
              .describe('What the functions said of the resources'),
        },
      },
      async handler(ctx) {
        const { input } = ctx;
        const directory = await requireFolder(ctx.workspacePath, input.path);
        const spec = input.pipeline ?? (await readKptfile(directory));
        const { mutators, validators } = readPipeline(spec);
        if (ctx.isDryRun) {
          ctx.logger.info(
            `Dry run: ${mutators.length} mutators and ${validators.length} validators are not run.`,
          );
          ctx.output('resources', 0);
          ctx.output('changed', []);
          ctx.output('results', []);
          return;
        }
        const { resources, changed, results } = await usePipeline(
          spec,
          { ...options, workspacePath: ctx.workspacePath, signal: ctx.signal },
          pipeline =>
            runFolderPipeline({
              engine: options.engine,
              pipeline,
              directory,
              write: input.write,
              timeoutMs: input.timeoutSeconds * 1000,
              signal: ctx.signal,
              log: line => ctx.logger.info(line),
            }),
        );
        ctx.logger.info(
          `${resources} resources; ${
            changed.length === 0 ? 'no file' : changed.join(', ')
          } changed.`,
        );
        ctx.output('resources', resources);
        ctx.output('changed', changed);
        ctx.output(
          'results',
          results.map(({ severity, message }) => ({ severity, message })),
        );
      },
    }),
  );
}
