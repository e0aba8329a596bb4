import { lastEvents } from './moduleOutput';
import {
  oneModuleInput,
  oneModuleOutput,
  readOneModule,
} from './readOneModule';
import type { AddAction } from './types';

const EVENTS = 10;

/** `module-status`: whether it runs, in short. @internal */
export const addModuleStatus: AddAction = (registry, services) => {
  registry.register({
    name: 'module-status',
    title: 'Status of a WebAssembly module',
    description:
      'Tells whether a WasmModule runs: its state with the reason, its conditions and its last events. `generation` and `observedGeneration` differ while a change is on its way.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: oneModuleInput,
      output: zod => zod.object(oneModuleOutput(zod)),
    },
    action: request =>
      readOneModule(services, request, async view => ({
        tells: {},
        reports: {
          conditions: [...(view.module.status?.conditions ?? [])],
          events: lastEvents(view.events, EVENTS),
        },
      })),
  });
};
