import { stringifyEntityRef } from '@backstage/catalog-model';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  isWasiError,
  wasiModuleLogsPermission,
  type Finding,
  type ModuleHealth,
  type ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ActionCall } from './ActionContext';
import { findingsOutput, inOrder, lastEvents } from './moduleOutput';
import {
  oneModuleInput,
  oneModuleOutput,
  readOneModule,
} from './readOneModule';
import type { ActionServices, AddAction } from './types';

const EVENTS = 10;
const LOG_LINES = 20;

/** `explain-module`: why it is not well, and what to do next. @internal */
export const addExplainModule: AddAction = (registry, services) => {
  registry.register({
    name: 'explain-module',
    title: 'Explain a WebAssembly module',
    description:
      'Tells why a WasmModule is not well and what to do next: the cause, the findings with a remedy each, the last warnings and, with the permission wasi.module.logs, the last log lines.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: oneModuleInput,
      output: zod =>
        zod.object({
          ...oneModuleOutput(zod),
          nextSteps: zod.array(zod.string()),
          findings: findingsOutput(zod),
          logMissing: zod
            .string()
            .optional()
            .describe('Why there are no log lines.'),
        }),
    },
    action: request =>
      readOneModule(services, request, async (view, call) => {
        const findings = inOrder(view.findings);
        const warnings = view.events.filter(({ type }) => type === 'Warning');
        const { log, missing } = await readLog(services, call, view.ref);
        return {
          tells: {
            nextSteps: nextSteps(view.health, findings),
            findings,
            logMissing: missing,
          },
          reports: {
            conditions: (view.module.status?.conditions ?? []).filter(
              ({ status }) => status !== 'True',
            ),
            events: lastEvents(warnings, EVENTS),
            log,
          },
        };
      }),
  });
};

function nextSteps(health: ModuleHealth, findings: Finding[]): string[] {
  const steps = [
    health.remedy,
    ...findings
      .filter(({ severity }) => severity !== 'info')
      .map(({ message, remedy }) => `${message} ${remedy}`),
  ].filter(step => step !== undefined);
  return steps.length > 0
    ? [...new Set(steps)]
    : [
        health.state === 'progressing'
          ? 'Wait, and ask again.'
          : 'Nothing has to be done.',
      ];
}

async function readLog(
  { permissions, reader }: ActionServices,
  { entity, caller, signal }: ActionCall,
  ref: ModuleRef,
): Promise<{ log?: string[]; missing?: string }> {
  const [decision] = await permissions.authorize(
    [
      {
        permission: wasiModuleLogsPermission,
        resourceRef: stringifyEntityRef(entity),
      },
    ],
    { credentials: caller.credentials },
  );
  if (decision.result !== AuthorizeResult.ALLOW) {
    return {
      missing: `Permission ${wasiModuleLogsPermission.name} is denied.`,
    };
  }
  try {
    const { lines } = await reader.logs(entity, ref, {
      tailLines: LOG_LINES,
      caller: caller.cluster,
      signal,
    });
    return { log: lines };
  } catch (error) {
    if (!isWasiError(error)) {
      throw error;
    }
    // The rest of the answer is worth having without them.
    return { missing: error.message };
  }
}
