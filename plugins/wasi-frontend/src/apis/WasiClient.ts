import type { CompoundEntityRef } from '@backstage/catalog-model';
import type { FetchApi } from '@backstage/frontend-plugin-api';
import {
  isWasiError,
  WasiError,
  type ArtifactView,
  type BackendInfo,
  type ClusterProblem,
  type Deployment,
  type DeploymentListAnswer,
  type DeploymentView,
  type FieldChange,
  type InvokeAnswer,
  type InvokeRequest,
  type LogsAnswer,
  type ModuleListAnswer,
  type ModuleRef,
  type ModuleView,
  type PlanAnswer,
  type SyncView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import type { ClusterTokens } from './ClusterTokens';
import { BackendCalls, unexpectedAnswer, unreachable } from './BackendCalls';
import type {
  LogListener,
  ModuleEdit,
  WasiApi,
  WasiRequestOptions,
  WasiWriteOptions,
} from './WasiApi';
import {
  artifactViewSchema,
  backendInfoSchema,
  invokeAnswerSchema,
  logsAnswerSchema,
  moduleListOutlineSchema,
  moduleViewSchema,
} from './answerSchemas';
import {
  deploymentListOutlineSchema,
  deploymentSchema,
  deploymentViewSchema,
  diffAnswerSchema,
  planAnswerSchema,
  syncViewSchema,
} from './deploymentSchemas';
import {
  deploymentPath,
  entityPath,
  modulePath,
  modulesPath,
  planPath,
  writePath,
} from './paths';
import { readLogStream } from './readLogStream';

// The backend answers from memory, and waits for no cluster longer than half of this.
const LIST_TIMEOUT_MS = 15_000;
// The backend limits the call itself; this only ends a connection that died.
const INVOKE_TIMEOUT_MS = 300_000;

/**
 * {@link WasiApi} over HTTP, through the portal's own fetch.
 *
 * @public
 */
export class WasiClient implements WasiApi {
  readonly #calls: BackendCalls;

  constructor(options: { fetchApi: FetchApi }) {
    this.#calls = new BackendCalls(options.fetchApi);
  }

  async getInfo(options?: WasiRequestOptions): Promise<BackendInfo> {
    const info = await this.#calls.read(backendInfoSchema, {
      what: 'read what the backend offers',
      path: '/info',
      ...options,
    });
    for (const { name, userTokens } of info.clusters) {
      if (userTokens !== undefined) {
        this.#calls.tokens.learnCluster(name, userTokens);
      }
    }
    return info;
  }

  async takeTokensFrom(tokens: ClusterTokens): Promise<void> {
    this.#calls.tokens.takeFrom(tokens);
  }

  async signIn(cluster: string): Promise<void> {
    await this.#calls.tokens.signIn(cluster);
  }

  async listModules(
    entity: CompoundEntityRef,
    options?: WasiRequestOptions & { cluster?: string },
  ): Promise<ModuleListAnswer> {
    const { cluster, ...rest } = options ?? {};
    if (cluster !== undefined) {
      await this.#calls.tokens.require(cluster);
    }
    const outline = await this.#calls.read(moduleListOutlineSchema, {
      what: `list the modules of ${entity.name}`,
      timeoutMs: LIST_TIMEOUT_MS,
      path: modulesPath(entity, cluster),
      ...rest,
    });
    const { userTokens = [], missing, answeredAt } = outline;
    const wanting = userTokens.map(one => one.cluster);
    const asked = ({ code, cluster: name }: ClusterProblem) =>
      code === 'CLUSTER_TOKEN_MISSING' && wanting.includes(name);
    const refusal = outline.problems.find(asked);
    if (cluster !== undefined && refusal) {
      const error = new WasiError(refusal.code, refusal);
      await this.#calls.tokens.refuse(cluster, error);
      throw error;
    }
    userTokens.forEach(one =>
      this.#calls.tokens.learnCluster(one.cluster, one.provider),
    );
    const items: ModuleView[] = [];
    // They are no fault, but something to ask for.
    const problems = outline.problems.filter(problem => !asked(problem));
    for (const row of outline.items) {
      const parsed = moduleViewSchema.safeParse(row);
      if (parsed.success) {
        items.push(parsed.data);
      } else {
        const error = unexpectedAnswer('read one module', parsed.error);
        problems.push({
          cluster: readCluster(row),
          code: error.code,
          message: error.message,
          remedy: error.remedy,
        });
      }
    }
    return {
      items,
      problems,
      missing,
      ...(answeredAt !== undefined && { answeredAt }),
      ...(userTokens.length > 0 && { userTokens }),
    };
  }

  async planChange(
    entity: CompoundEntityRef,
    module: ModuleRef,
    edit: ModuleEdit,
    options?: WasiRequestOptions,
  ): Promise<PlanAnswer> {
    return this.#calls.read(planAnswerSchema, {
      what: `plan the change of ${module.name}`,
      path: planPath(modulePath(entity, module)),
      method: 'PATCH',
      body: edit,
      ...options,
    });
  }

  async changeModule(
    entity: CompoundEntityRef,
    module: ModuleRef,
    edit: ModuleEdit,
    options?: WasiWriteOptions,
  ): Promise<ModuleView> {
    return this.#calls.read(moduleViewSchema, {
      what: `change ${module.name}`,
      path: writePath(modulePath(entity, module), options),
      method: 'PATCH',
      body: edit,
      signal: options?.signal,
    });
  }

  async planDeletion(
    entity: CompoundEntityRef,
    module: ModuleRef,
    options?: WasiRequestOptions,
  ): Promise<PlanAnswer> {
    return this.#calls.read(planAnswerSchema, {
      what: `plan the deletion of ${module.name}`,
      path: planPath(modulePath(entity, module)),
      method: 'DELETE',
      ...options,
    });
  }

  async deleteModule(
    entity: CompoundEntityRef,
    module: ModuleRef,
    options?: WasiWriteOptions,
  ): Promise<void> {
    await this.#calls.send({
      what: `delete ${module.name}`,
      path: writePath(modulePath(entity, module), options),
      method: 'DELETE',
      signal: options?.signal,
    });
  }

  async getArtifact(
    entity: CompoundEntityRef,
    module: ModuleRef,
    options?: WasiRequestOptions,
  ): Promise<ArtifactView> {
    return this.#calls.read(artifactViewSchema, {
      what: `read the artifact of ${module.name}`,
      path: `${modulePath(entity, module)}/artifact`,
      // Inspecting a large module for the first time takes the backend a while.
      timeoutMs: INVOKE_TIMEOUT_MS,
      ...options,
    });
  }

  async getLogs(
    entity: CompoundEntityRef,
    module: ModuleRef,
    options?: WasiRequestOptions & { tailLines?: number },
  ): Promise<LogsAnswer> {
    const { tailLines = 100, ...rest } = options ?? {};
    return this.#calls.read(logsAnswerSchema, {
      what: `read the logs of ${module.name}`,
      path: `${modulePath(entity, module)}/logs?tailLines=${tailLines}`,
      ...rest,
    });
  }

  async followLogs(
    entity: CompoundEntityRef,
    module: ModuleRef,
    options: WasiRequestOptions & LogListener,
  ): Promise<void> {
    const what = `follow the log of ${module.name}`;
    const response = await this.#calls.open({
      what,
      path: `${modulePath(entity, module)}/logs?follow=true`,
      signal: options.signal,
    });
    if (!response.body) {
      throw new WasiError('BACKEND_UNEXPECTED', {
        message: `Could not ${what}: the answer is empty.`,
      });
    }
    options.onOpen();
    try {
      await readLogStream(response.body, options.onLine);
    } catch (cause) {
      throw isWasiError(cause) ? cause : unreachable(what, cause);
    }
  }

  async invoke(
    entity: CompoundEntityRef,
    module: ModuleRef,
    request: InvokeRequest,
    options?: WasiRequestOptions,
  ): Promise<InvokeAnswer> {
    return this.#calls.read(invokeAnswerSchema, {
      what: `call ${module.name}`,
      path: `${modulePath(entity, module)}/invoke`,
      method: 'POST',
      body: request,
      timeoutMs: INVOKE_TIMEOUT_MS,
      ...options,
    });
  }

  async planRedeploy(
    entity: CompoundEntityRef,
    module: ModuleRef,
    at: string,
    options?: WasiRequestOptions,
  ): Promise<PlanAnswer> {
    return this.#calls.read(planAnswerSchema, {
      what: `plan the redeploy of ${module.name}`,
      path: planPath(`${modulePath(entity, module)}/redeploy`),
      method: 'POST',
      body: { at },
      ...options,
    });
  }

  async redeploy(
    entity: CompoundEntityRef,
    module: ModuleRef,
    at: string,
    options?: WasiWriteOptions,
  ): Promise<ModuleView> {
    return this.#calls.read(moduleViewSchema, {
      what: `redeploy ${module.name}`,
      path: writePath(`${modulePath(entity, module)}/redeploy`, options),
      method: 'POST',
      body: { at },
      signal: options?.signal,
    });
  }

  async listDeployments(
    entity: CompoundEntityRef,
    options?: WasiRequestOptions & {
      module?: ModuleRef;
      limit?: number;
      cursor?: string;
    },
  ): Promise<DeploymentListAnswer> {
    const { module, limit = 10, cursor, ...rest } = options ?? {};
    const query = new URLSearchParams({
      limit: String(limit),
      ...(cursor !== undefined && { cursor }),
      ...(module && {
        cluster: module.cluster,
        namespace: module.namespace,
        name: module.name,
      }),
    });
    const what = `list the deployments of ${entity.name}`;
    const outline = await this.#calls.read(deploymentListOutlineSchema, {
      what,
      path: `${entityPath(entity)}/deployments?${query}`,
      ...rest,
    });
    const items: Deployment[] = [];
    let failure: WasiError | undefined;
    for (const row of outline.items) {
      const parsed = deploymentSchema.safeParse(row);
      if (parsed.success) {
        items.push(parsed.data);
      } else {
        failure = unexpectedAnswer(what, parsed.error);
      }
    }
    // One row of a newer backend is not worth the others; none at all is no history.
    if (failure && items.length === 0) {
      throw failure;
    }
    items.forEach(({ id, ref }) =>
      this.#calls.tokens.learnDeployment(id, ref.cluster),
    );
    return {
      items,
      ...(outline.next !== undefined && { next: outline.next }),
    };
  }

  async getDeployment(
    entity: CompoundEntityRef,
    id: string,
    options?: WasiRequestOptions,
  ): Promise<DeploymentView> {
    return this.#calls.read(deploymentViewSchema, {
      what: 'read the deployment',
      path: deploymentPath(entity, id),
      ...options,
    });
  }

  async diffDeployments(
    entity: CompoundEntityRef,
    id: string,
    other: string | 'live',
    options?: WasiRequestOptions,
  ): Promise<FieldChange[]> {
    const query = new URLSearchParams({ with: other });
    const { changes } = await this.#calls.read(diffAnswerSchema, {
      what: 'compare the deployments',
      path: `${deploymentPath(entity, id)}/diff?${query}`,
      ...options,
    });
    return changes;
  }

  async planRollback(
    entity: CompoundEntityRef,
    id: string,
    options?: WasiRequestOptions,
  ): Promise<PlanAnswer> {
    return this.#calls.read(planAnswerSchema, {
      what: 'plan the roll-back',
      path: planPath(`${deploymentPath(entity, id)}/rollback`),
      method: 'POST',
      ...options,
    });
  }

  async rollBack(
    entity: CompoundEntityRef,
    id: string,
    options?: WasiWriteOptions,
  ): Promise<ModuleView> {
    return this.#calls.read(moduleViewSchema, {
      what: 'roll back',
      path: writePath(`${deploymentPath(entity, id)}/rollback`, options),
      method: 'POST',
      signal: options?.signal,
    });
  }

  async getSync(
    entity: CompoundEntityRef,
    options?: WasiRequestOptions,
  ): Promise<SyncView> {
    return this.#calls.read(syncViewSchema, {
      what: `read the catalog-driven deploys of ${entity.name}`,
      path: `${entityPath(entity)}/sync`,
      ...options,
    });
  }

  async suspendSync(
    entity: CompoundEntityRef,
    options?: WasiRequestOptions & { reason?: string },
  ): Promise<SyncView> {
    const { reason, ...rest } = options ?? {};
    return this.#changeSync(entity, 'suspend', {
      body: reason ? { reason } : {},
      ...rest,
    });
  }

  async resumeSync(
    entity: CompoundEntityRef,
    options?: WasiRequestOptions,
  ): Promise<SyncView> {
    return this.#changeSync(entity, 'resume', options);
  }

  async runSync(
    entity: CompoundEntityRef,
    options?: WasiRequestOptions,
  ): Promise<SyncView> {
    return this.#changeSync(entity, 'run', options);
  }

  async #changeSync(
    entity: CompoundEntityRef,
    verb: 'suspend' | 'resume' | 'run',
    options?: WasiRequestOptions & { body?: unknown },
  ): Promise<SyncView> {
    return this.#calls.read(syncViewSchema, {
      what: `${verb} the catalog-driven deploys of ${entity.name}`,
      path: `${entityPath(entity)}/sync/${verb}`,
      method: 'POST',
      ...options,
    });
  }
}

function readCluster(row: unknown): string {
  const parsed = z
    .object({ ref: z.object({ cluster: z.string() }) })
    .safeParse(row);
  return parsed.success ? parsed.data.ref.cluster : '';
}
