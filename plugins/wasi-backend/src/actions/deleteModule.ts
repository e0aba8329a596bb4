import { wasiModuleDeletePermission } from '@wasi-functions/backstage-plugin-wasi-common';
import { entityInput, keyInput, moduleInput, readModuleRef } from './inputs';
import type { AddAction } from './types';

/** `delete-module`. @internal */
export const addDeleteModule: AddAction = (
  registry,
  { context, writes, writer },
) => {
  registry.register({
    name: 'delete-module',
    title: 'Delete a WebAssembly module',
    description:
      'Deletes a WasmModule that belongs to the entity; its URL ends to answer. What it was stays in the deploy history and can be rolled back to.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: zod =>
        zod.object({
          entity: entityInput(zod),
          module: moduleInput(zod),
          idempotencyKey: keyInput(zod),
        }),
      output: zod =>
        zod.object({ module: zod.string(), deleted: zod.boolean() }),
    },
    action: async ({ input, credentials }) => {
      const { entity, module, idempotencyKey } = input;
      const { name: caller } = await context.caller(credentials);
      return context.write(
        {
          credentials,
          entity,
          permission: wasiModuleDeletePermission,
          eventId: 'module-delete',
          meta: { module, idempotencyKey },
        },
        async call => ({
          output: await writes.once(
            {
              caller,
              action: 'delete-module',
              key: idempotencyKey,
              input: { entity, module },
            },
            async () => {
              const ref = readModuleRef(module);
              await writer.delete({ ...call, ref }).perform();
              return { module, deleted: true };
            },
          ),
        }),
      );
    },
  });
};
