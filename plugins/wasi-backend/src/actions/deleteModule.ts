import { wasiModuleDeletePermission } from '@wasi-functions/backstage-plugin-wasi-common';
import { entityInput, moduleInput, readModuleRef } from './inputs';
import type { AddAction } from './types';

/** `delete-module`. @internal */
export const addDeleteModule: AddAction = (registry, { context, writer }) => {
  registry.register({
    name: 'delete-module',
    title: 'Delete a WebAssembly module',
    description:
      'Deletes a WasmModule that belongs to the entity; its URL ends to answer. What it was stays in the deploy history and can be rolled back to.',
    attributes: { readOnly: false, destructive: true, idempotent: false },
    schema: {
      input: zod =>
        zod.object({ entity: entityInput(zod), module: moduleInput(zod) }),
      output: zod =>
        zod.object({ module: zod.string(), deleted: zod.boolean() }),
    },
    action: async ({ input, credentials }) => {
      const { entity, module } = input;
      return context.write(
        {
          credentials,
          entity,
          permission: wasiModuleDeletePermission,
          eventId: 'module-delete',
          meta: { module },
        },
        async call => {
          await writer.delete({ ...call, ref: readModuleRef(module) });
          return { output: { module, deleted: true } };
        },
      );
    },
  });
};
