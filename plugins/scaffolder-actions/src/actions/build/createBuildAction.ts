import { relative } from 'node:path';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  formatBytes,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ModuleBuilder,
  Toolchains,
} from '@wasi-functions/backstage-plugin-wasi-node';
import {
  formatFinding,
  logFindings,
  readFunctionFolder,
} from '../../workspace';
import { forUsers } from '../forUsers';
import * as inputs from '../inputs';
import { examples } from './createBuildAction.examples';

/**
 * Creates `wasi:module:build`: a function folder in the workspace becomes a .wasm file.
 *
 * @public
 */
export function createBuildAction(options: {
  builder: ModuleBuilder;
  toolchains: Toolchains;
}) {
  return forUsers(
    createTemplateAction({
      id: 'wasi:module:build',
      description:
        'Builds the module of a function folder with the toolchain of its runtime. Tool output streams into the log; missing tools are reported all at once.',
      examples,
      supportsDryRun: true,
      schema: {
        input: {
          path: inputs.functionPath,
        },
        output: {
          modulePath: z =>
            z.string().describe('Path of the .wasm file in the workspace'),
          size: z => z.number().describe('Size of the .wasm file in bytes'),
          sizeBefore: z =>
            z
              .number()
              .optional()
              .describe(
                'Its size before it was optimised; absent where that was not done now',
              ),
          durationMs: z => z.number().describe('How long the build took'),
          phases: z =>
            z
              .array(z.object({ name: z.string(), durationMs: z.number() }))
              .describe('What of it took how long, e.g. compile'),
          warnings: z =>
            z
              .array(z.string())
              .describe(
                'What is wrong though the build stands, one sentence each',
              ),
          unchanged: z =>
            z
              .boolean()
              .describe(
                'True where the source was built before, and nothing was run',
              ),
          tools: z =>
            z
              .record(z.string())
              .describe('Versions of the tools that built it, by name'),
        },
      },
      async handler(ctx) {
        const { directory, funcConfig, findings } = await readFunctionFolder(
          ctx.workspacePath,
          ctx.input.path,
        );
        logFindings(ctx.logger, findings);
        if (ctx.isDryRun) {
          const missing = await options.toolchains.check(funcConfig.runtime);
          const errors = missing.filter(
            finding => finding.severity === 'error',
          );
          if (errors.length > 0) {
            throw new WasiError('TOOLCHAIN_MISSING', {
              message: `${funcConfig.runtime} cannot be built here:\n${errors
                .map(formatFinding)
                .join('\n')}`,
              findings: errors,
            });
          }
          ctx.logger.info(
            `Dry run: ${funcConfig.runtime} can be built here; nothing was built.`,
          );
          ctx.output('modulePath', 'module.wasm');
          ctx.output('size', 0);
          ctx.output('durationMs', 0);
          ctx.output('phases', []);
          ctx.output('warnings', []);
          ctx.output('unchanged', false);
          ctx.output('tools', {});
          return;
        }
        const built = await options.builder.build({
          directory,
          funcConfig,
          signal: ctx.signal,
          log: line => ctx.logger.info(line),
        });
        const name = relative(ctx.workspacePath, built.path);
        const seconds = (built.durationMs / 1000).toFixed(1);
        const size = formatBytes(built.size);
        ctx.logger.info(
          built.unchanged
            ? `Unchanged, built before: ${name}, ${size}.`
            : `Built ${name}: ${size} in ${seconds} s.`,
        );
        ctx.output('modulePath', name);
        ctx.output('unchanged', built.unchanged);
        ctx.output('size', built.size);
        ctx.output('sizeBefore', built.sizeBefore);
        ctx.output('durationMs', built.durationMs);
        ctx.output('phases', built.phases);
        ctx.output(
          'warnings',
          built.findings.map(({ message }) => message),
        );
        ctx.output('tools', built.tools);
      },
    }),
  );
}
