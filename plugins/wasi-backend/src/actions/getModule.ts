import { findingsOutput, inOrder } from './moduleOutput';
import {
  oneModuleInput,
  oneModuleOutput,
  readOneModule,
} from './readOneModule';
import type { AddAction } from './types';

/** `get-module`: the resource itself. @internal */
export const addGetModule: AddAction = (registry, services) => {
  registry.register({
    name: 'get-module',
    title: 'Get a WebAssembly module',
    description:
      'Returns one WasmModule of a catalog entity: what is declared (env values that look like secrets are masked), what runs, and what will not work. To change it, send the whole manifest to plan-module, then to apply-module.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: oneModuleInput,
      output: zod =>
        zod.object({
          ...oneModuleOutput(zod),
          manifest: zod.record(zod.unknown()).optional(),
          findings: findingsOutput(zod),
        }),
    },
    action: request =>
      readOneModule(services, request, async view => {
        const { status, ...manifest } = view.module;
        return {
          tells: { manifest, findings: inOrder(view.findings) },
          reports: {
            conditions: [...(status?.conditions ?? [])],
            events: view.events,
          },
        };
      }),
  });
};
