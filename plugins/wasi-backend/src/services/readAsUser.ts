import {
  deriveHealth,
  isWasiError,
  type Finding,
  type ModuleEvent,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  CachedModule,
  Companion,
  CompanionResource,
  WasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { ReadCompanions } from './CompanionReader';

const TAIL_LINES = 20;

/**
 * What tells of a module beside its status, asked with a user's own token: its
 * events, and where it does not run also its Knative Service and Revisions and
 * the last lines of its log.
 *
 * Why something is missing is part of the answer.
 *
 * @internal
 */
export async function readAsUser(
  client: WasmModuleClient,
  { ref, module, changedAt }: CachedModule,
  signal: AbortSignal,
): Promise<ReadCompanions> {
  const { uid } = module.metadata;
  const { value: events = [], finding } = await attempt(
    { path: 'events', what: 'Events are missing', signal },
    (): Promise<ModuleEvent[]> => client.events(ref, { uid, signal }),
  );
  const findings = finding ? [finding] : [];
  const context = { events, changedAt };
  const { state } = deriveHealth(module, context);
  if (state === 'ready' || state === 'idle') {
    return { context, findings, healthFindings: [] };
  }
  const knative = async (resource: CompanionResource) => {
    const { namespace, name } = ref;
    const list = await client.listCompanions(resource, {
      namespace,
      name,
      signal,
    });
    return list.items.map(({ tells }) => tells);
  };
  const reason = { path: 'status', what: 'The reason may be missing', signal };
  const [services, revisions, log] = await Promise.all([
    attempt(reason, () => knative('services')),
    attempt(reason, () => knative('revisions')),
    state === 'failed'
      ? client.logs(ref, { tailLines: TAIL_LINES, signal }).catch(() => {
          // The failure is told in any case; only its cause is then not looked for here.
          return undefined;
        })
      : undefined,
  ]);
  const told: Companion['tells'][] = [
    ...(services.value ?? []),
    ...(revisions.value ?? []),
  ];
  const healthFinding = services.finding ?? revisions.finding;
  return {
    context: {
      ...context,
      service: told.flatMap(one => ('service' in one ? [one.service] : []))[0],
      revisions: told
        .flatMap(one => ('revision' in one ? [one.revision] : []))
        .sort((a, b) => (a.generation ?? 0) - (b.generation ?? 0)),
      logTail: log,
    },
    findings,
    healthFindings: healthFinding ? [healthFinding] : [],
  };
}

async function attempt<T>(
  about: { path: string; what: string; signal: AbortSignal },
  read: () => Promise<T>,
): Promise<{ value?: T; finding?: Finding }> {
  try {
    return { value: await read() };
  } catch (error) {
    const { path, what, signal } = about;
    if (!isWasiError(error) && !signal.aborted) {
      throw error;
    }
    const { code, message, remedy } = isWasiError(error)
      ? error
      : {
          code: 'CLUSTER_UNREACHABLE' as const,
          message: 'The cluster did not answer in time.',
          remedy: 'Wait a moment and load again.',
        };
    return {
      finding: {
        code,
        severity: 'info',
        path,
        message: `${what}: ${message}`,
        remedy,
      },
    };
  }
}
