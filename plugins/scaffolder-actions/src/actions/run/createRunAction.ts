import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  inspectModule,
  type ModuleEngine,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { resolveInWorkspace } from '../../workspace';
import { forUsers } from '../forUsers';
import * as inputs from '../inputs';
import { examples } from './createRunAction.examples';
import { readTrialRequest } from './readTrialRequest';

/** What a task log and a step's output can carry. */
const MAX_TEXT = 64 * 1024;

/**
 * Creates `wasi:module:run`: a trial of a module on the machine of the backend, before it is pushed.
 *
 * @public
 */
export function createRunAction(options: {
  engine: ModuleEngine;
  maxModuleBytes: number;
}) {
  return forUsers(
    createTemplateAction({
      id: 'wasi:module:run',
      description:
        'Runs a .wasm file once on the machine of the backend: a component that answers HTTP gets one request, a command its arguments. It is given nothing but what the inputs name.',
      examples,
      supportsDryRun: true,
      schema: {
        input: {
          modulePath: inputs.modulePath,
          args: z =>
            z
              .array(z.string())
              .default([])
              .describe('Arguments, exactly as the module gets them.'),
          env: z =>
            z
              .record(z.string())
              .default({})
              .describe('Environment of the module, by name.'),
          directories: z =>
            z
              .array(
                z.object({
                  path: z.string(),
                  guestPath: z.string(),
                  readOnly: z.boolean().default(true),
                }),
              )
              .default([])
              .describe(
                'Folders of the workspace that the module sees: path, guestPath, readOnly (default: true).',
              ),
          network: inputs.network,
          request: z =>
            z
              .object({
                method: z.string().default('GET'),
                path: z.string().default('/'),
                headers: z.record(z.string()).default({}),
                body: z.string().optional(),
              })
              .default({})
              .describe('What a component that answers HTTP is asked.'),
          expectStatus: z =>
            z
              .number()
              .optional()
              .describe(
                'Fail unless this status is answered. Default: any below 500.',
              ),
          timeoutSeconds: z =>
            z
              .number()
              .min(1)
              .max(300)
              .default(30)
              .describe('Longest run in seconds. Default: 30.'),
        },
        output: {
          status: z => z.number().optional().describe('Status of the answer'),
          exitCode: z =>
            z.number().optional().describe('Exit code of a command'),
          body: z =>
            z
              .string()
              .describe('Body of the answer, or what the command printed'),
        },
      },
      async handler(ctx) {
        const { input } = ctx;
        if (ctx.isDryRun) {
          ctx.logger.info(`Dry run: ${input.modulePath} is not run.`);
          ctx.output('body', '');
          return;
        }
        const modulePath = resolveInWorkspace(
          ctx.workspacePath,
          input.modulePath,
        );
        const inspection = await inspectModule(modulePath, {
          maxBytes: options.maxModuleBytes,
        });
        const request = readTrialRequest(input.request);
        const grants = {
          args: input.args,
          env: input.env,
          directories: input.directories.map(directory => ({
            hostPath: resolveInWorkspace(ctx.workspacePath, directory.path),
            guestPath: directory.guestPath,
            readOnly: directory.readOnly,
          })),
          network: input.network,
          // This is the machine of the backend, which reaches more than a cluster does.
          limitOutgoingHttp: true,
        };
        const timeoutMs = input.timeoutSeconds * 1000;

        if (inspection.entry !== 'http') {
          const { exitCode, stdout, stderr } = await options.engine.runCommand({
            ...grants,
            modulePath,
            timeoutMs,
            signal: ctx.signal,
          });
          logLines(ctx.logger.info.bind(ctx.logger), stderr);
          ctx.output('exitCode', exitCode);
          ctx.output('body', stdout.slice(0, MAX_TEXT));
          if (exitCode !== 0) {
            throw new WasiError('MODULE_RUN_FAILED', {
              message: `${input.modulePath} ended with exit code ${exitCode}.`,
            });
          }
          ctx.logger.info(`${input.modulePath} ended well.`);
          return;
        }

        const served = await options.engine.serve({
          ...grants,
          prepared: await options.engine.prepare(modulePath, inspection.digest),
          requestTimeoutMs: timeoutMs,
          maxProcesses: 1,
          onLog: line => ctx.logger.info(line),
        });
        try {
          const { method, path } = request;
          const answer = await served.request({
            ...request,
            signal: ctx.signal,
          });
          const text = answer.body.toString('utf8').slice(0, MAX_TEXT);
          ctx.logger.info(
            `${method} ${path} was answered with ${
              answer.status
            } in ${Math.round(answer.durationMs)} ms.`,
          );
          ctx.output('status', answer.status);
          ctx.output('body', text);
          const expected = input.expectStatus;
          if (expected ? answer.status !== expected : answer.status >= 500) {
            throw new WasiError('MODULE_RUN_FAILED', {
              message: `${input.modulePath} answered ${method} ${path} with ${
                answer.status
              }, not with ${expected ?? 'a status below 500'}: ${text.slice(
                0,
                500,
              )}`,
            });
          }
        } finally {
          await served.stop();
        }
      },
    }),
  );
}

function logLines(log: (line: string) => void, text: string): void {
  for (const line of text.slice(0, MAX_TEXT).split('\n')) {
    if (line !== '') {
      log(line);
    }
  }
}
