import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { findRuntime } from '@wasi-functions/backstage-plugin-wasi-common';
import { logFindings, readFunctionFolder } from '../../workspace';
import { forUsers } from '../forUsers';
import * as inputs from '../inputs';
import { examples } from './createValidateAction.examples';

/**
 * Creates `wasi:function:validate`: func.yaml in the workspace, or all its faults at once.
 *
 * @public
 */
export function createValidateAction() {
  return forUsers(
    createTemplateAction({
      id: 'wasi:function:validate',
      description:
        'Checks the func.yaml of a WebAssembly function and reports every fault with its line, before anything is built.',
      examples,
      supportsDryRun: true,
      schema: {
        input: {
          path: inputs.functionPath,
        },
        output: {
          name: z => z.string().describe('Name of the function'),
          runtime: z => z.string().describe('Runtime, e.g. js-wasi'),
          warnings: z =>
            z
              .array(z.string())
              .describe('What will not work as written, one sentence each'),
        },
      },
      async handler(ctx) {
        const { funcConfig, findings } = await readFunctionFolder(
          ctx.workspacePath,
          ctx.input.path,
        );
        logFindings(ctx.logger, findings);
        const runtime = findRuntime(funcConfig.runtime);
        ctx.logger.info(
          `func.yaml is valid: ${funcConfig.name}, ${
            runtime?.label ?? funcConfig.runtime
          }.`,
        );
        ctx.output('name', funcConfig.name);
        ctx.output('runtime', funcConfig.runtime);
        ctx.output(
          'warnings',
          findings
            .filter(finding => finding.severity === 'warning')
            .map(finding => finding.message),
        );
      },
    }),
  );
}
