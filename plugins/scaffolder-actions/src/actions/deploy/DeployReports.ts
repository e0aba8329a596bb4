import type {
  AuthService,
  BackstageCredentials,
  DiscoveryService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import { parseEntityRef } from '@backstage/catalog-model';
import {
  isWasiError,
  type DeploymentReport,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';

const TIMEOUT_MS = 10_000;
const LONGEST_MESSAGE = 4_000;
const answerSchema = z.object({ id: z.string() });
const refusalSchema = z.object({ error: z.object({ message: z.string() }) });

/** A change that is about to be made. @public */
export interface ChangeToReport {
  entityRef: string;
  cluster: string;
  /** The same for each try of one change. */
  key: string;
  /** The user on whose behalf it is reported. */
  credentials: BackstageCredentials;
  logger: Pick<LoggerService, 'warn'>;
}

/** A deploy that is about to be made. @public */
export interface DeployToReport extends ChangeToReport {
  module: WasmModule;
  /** Bytes of the module, where they are known. */
  size?: number;
}

/** A deletion that is about to be made. @public */
export interface DeleteToReport extends ChangeToReport {
  namespace: string;
  name: string;
}

/** A deploy whose beginning was reported, or could not be. @public */
export interface ReportedDeploy {
  applied(generation: number): Promise<void>;
  failed(error: unknown): Promise<void>;
}

/** A deletion whose beginning was reported, or could not be. @public */
export interface ReportedDelete {
  deleted(): Promise<void>;
  failed(error: unknown): Promise<void>;
}

/**
 * Tells the deploy history of the plugin `wasi` what a task deploys and deletes.
 *
 * Never fails: a change that the history misses is made all the same, and the
 * log of the task says so.
 *
 * @public
 */
export interface DeployReports {
  begin(deploy: DeployToReport): Promise<ReportedDeploy>;
  beginDelete(undeploy: DeleteToReport): Promise<ReportedDelete>;
}

/**
 * Reports over HTTP, on behalf of the user who started the task.
 *
 * @internal
 */
export function createDeployReports(options: {
  auth: AuthService;
  discovery: DiscoveryService;
}): DeployReports {
  const { auth, discovery } = options;

  const send = async (
    { entityRef, credentials, logger }: ChangeToReport,
    report: DeploymentReport,
  ): Promise<string | undefined> => {
    try {
      const { kind, namespace, name } = parseEntityRef(entityRef);
      const path = [kind, namespace, name].map(encodeURIComponent).join('/');
      const { token } = await auth.getPluginRequestToken({
        onBehalfOf: credentials,
        targetPluginId: 'wasi',
      });
      const baseUrl = await discovery.getBaseUrl('wasi');
      const answer = await fetch(`${baseUrl}/v1/entities/${path}/deployments`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(report),
        // With the token of a user in it, a request goes nowhere else.
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const body: unknown = await answer.json();
      if (!answer.ok) {
        const refusal = refusalSchema.safeParse(body);
        throw new Error(
          refusal.success
            ? refusal.data.error.message
            : `the answer was ${answer.status}`,
        );
      }
      return answerSchema.parse(body).id;
    } catch (error) {
      logger.warn(
        `The deploy history misses ${
          report.phase.startsWith('begin')
            ? 'this deployment'
            : 'how this deployment ended'
        }: ${(error as Error).message}`,
      );
      return undefined;
    }
  };

  const begin = async (
    change: ChangeToReport,
    report: DeploymentReport & { phase: 'begin' | 'begin-delete' },
  ) => {
    const id = await send(change, report);
    const end = async (told: (known: string) => DeploymentReport) => {
      if (id !== undefined) {
        await send(change, told(id));
      }
    };
    return {
      end,
      failed: (error: unknown) =>
        end(known => ({ phase: 'failed', id: known, ...describe(error) })),
    };
  };

  return {
    async begin(deploy) {
      const { key, cluster, module, size } = deploy;
      const { end, failed } = await begin(deploy, {
        phase: 'begin',
        key,
        cluster,
        module,
        ...(size !== undefined && { size }),
      });
      return {
        applied: generation =>
          end(id => ({ phase: 'applied', id, generation })),
        failed,
      };
    },

    async beginDelete(undeploy) {
      const { key, cluster, namespace, name } = undeploy;
      const { end, failed } = await begin(undeploy, {
        phase: 'begin-delete',
        key,
        cluster,
        namespace,
        name,
      });
      return { deleted: () => end(id => ({ phase: 'deleted', id })), failed };
    },
  };
}

function describe(
  error: unknown,
): Pick<DeploymentReport & { phase: 'failed' }, 'code' | 'message' | 'remedy'> {
  if (isWasiError(error)) {
    const { code, message, remedy } = error;
    return { code, message: message.slice(0, LONGEST_MESSAGE), remedy };
  }
  // Aborted, or a fault of ours: what the cluster has then decides.
  return {
    code: 'CLUSTER_UNEXPECTED',
    message: 'The task was broken off while it deployed.',
    remedy: 'Run the task again.',
  };
}
