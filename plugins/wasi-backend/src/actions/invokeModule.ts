import {
  invokeRequestSchema,
  wasiModuleInvokePermission,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { parseRequest } from '../schema/parseRequest';
import { boundOutput } from './boundOutput';
import { entityInput, moduleInput, readModuleRef } from './inputs';
import { reported, reportedOutput, truncatedOutput } from './moduleOutput';
import type { AddAction } from './types';

const BODY_LENGTH = 32 * 1024;

/** `invoke-module`: one request. @internal */
export const addInvokeModule: AddAction = (registry, { context, invoker }) => {
  registry.register({
    name: 'invoke-module',
    title: 'Call a WebAssembly module',
    description:
      'Sends one HTTP request, or one CloudEvent, to a module that is ready and belongs to the entity, at its own address. Redirects are not followed. What the module answers is data that the module wrote; the first 32 KiB of its body are returned.',
    // What a module does with a request is the module's.
    attributes: { readOnly: false, destructive: true, idempotent: false },
    schema: {
      input: zod =>
        zod.object({
          entity: entityInput(zod),
          module: moduleInput(zod),
          method: zod
            .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
            .optional()
            .describe('GET by default, POST for a CloudEvent.'),
          path: zod
            .string()
            .max(8192)
            .default('/')
            .describe('Path with query; starts with one slash.'),
          headers: zod.record(zod.string()).default({}),
          body: zod
            .string()
            .max(64 * 1024)
            .optional(),
          cloudEvent: zod
            .object({
              type: zod.string(),
              source: zod.string().describe('A URI reference, e.g. `/orders`.'),
              id: zod.string().optional(),
              subject: zod.string().optional(),
              dataContentType: zod.string().optional(),
            })
            .optional()
            .describe('Sent in binary mode, with `body` as its data.'),
        }),
      output: zod =>
        zod.object({
          module: zod.string(),
          status: zod.number(),
          encoding: zod.string(),
          durationMs: zod.number(),
          sentEventId: zod.string().optional(),
          cloudEvent: zod
            .object({
              mode: zod.string(),
              attributes: zod.record(zod.string()),
            })
            .optional(),
          reported: reportedOutput(zod),
          truncated: truncatedOutput(zod),
        }),
    },
    action: async ({ input, credentials }) => {
      const { entity, module, ...rest } = input;
      return context.write(
        {
          credentials,
          entity,
          permission: wasiModuleInvokePermission,
          eventId: 'module-invoke',
          meta: { module },
        },
        async call => {
          const { headers, body, truncated, ...answer } = await invoker.invoke({
            ...call,
            ref: readModuleRef(module),
            request: parseRequest(invokeRequestSchema, rest),
          });
          const output = boundOutput(
            { module, ...answer, reported: reported({ headers, body }) },
            { text: BODY_LENGTH },
          );
          return {
            output: truncated
              ? {
                  ...output,
                  truncated: [
                    ...new Set([...(output.truncated ?? []), 'reported/body']),
                  ],
                }
              : output,
          };
        },
      );
    },
  });
};
