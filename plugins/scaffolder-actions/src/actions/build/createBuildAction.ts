import { relative } from 'node:path';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
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
        ctx.logger.info(
          built.unchanged
            ? `Unchanged, built before: ${name}, ${built.size} bytes.`
            : `Built ${name}: ${built.size} bytes in ${seconds} s.`,
        );
        ctx.output('modulePath', name);
        ctx.output('unchanged', built.unchanged);
        ctx.output('size', built.size);
        ctx.output('tools', built.tools);
      },
    }),
  );
}
