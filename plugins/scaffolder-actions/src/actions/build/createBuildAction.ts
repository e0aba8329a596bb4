import { relative } from 'node:path';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ModuleBuilder,
  Toolchains,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { formatFinding, readFunctionFolder } from '../../workspace';
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
          tools: z =>
            z
              .record(z.string())
              .describe('Versions of the tools that built it, by name'),
        },
      },
      async handler(ctx) {
        const { directory, funcConfig } = await readFunctionFolder(
          ctx.workspacePath,
          ctx.input.path,
        );
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
          ctx.output('tools', {});
          return;
        }
        const built = await options.builder.build({
          directory,
          funcConfig,
          signal: ctx.signal,
          log: line => ctx.logger.info(line),
        });
        ctx.logger.info(
          `Built ${relative(ctx.workspacePath, built.path)}: ${
            built.size
          } bytes in ${(built.durationMs / 1000).toFixed(1)} s.`,
        );
        ctx.output('modulePath', relative(ctx.workspacePath, built.path));
        ctx.output('size', built.size);
        ctx.output('tools', built.tools);
      },
    }),
  );
}
