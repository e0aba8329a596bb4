import type { CompoundEntityRef } from '@backstage/catalog-model';
import type { FetchApi } from '@backstage/frontend-plugin-api';
import {
  WasiError,
  type ArtifactView,
  type BackendInfo,
  type InvokeAnswer,
  type InvokeRequest,
  type LogsAnswer,
  type ModuleListAnswer,
  type ModuleRef,
  type ModuleView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import type { WasiApi, WasiRequestOptions } from './WasiApi';
import {
  artifactViewSchema,
  backendInfoSchema,
  invokeAnswerSchema,
  logsAnswerSchema,
  moduleListOutlineSchema,
  moduleViewSchema,
} from './answerSchemas';
import { readErrorAnswer } from './readErrorAnswer';

const BASE_URL = 'plugin://wasi/v1';
const READ_TIMEOUT_MS = 30_000;
// The backend answers from memory, and waits for no cluster longer than half of this.
const LIST_TIMEOUT_MS = 15_000;
// The backend limits the call itself; this only ends a connection that died.
const INVOKE_TIMEOUT_MS = 300_000;

interface Call extends WasiRequestOptions {
  /** What is asked for, in words that fit after "could not". */
  what: string;
  path: string;
  method?: string;
  body?: unknown;
  timeoutMs?: number;
}

/**
 * {@link WasiApi} over HTTP, through the portal's own fetch.
 *
 * @public
 */
export class WasiClient implements WasiApi {
  readonly #fetchApi: FetchApi;

  constructor(options: { fetchApi: FetchApi }) {
    this.#fetchApi = options.fetchApi;
  }

  async getInfo(options?: WasiRequestOptions): Promise<BackendInfo> {
    return this.#read(backendInfoSchema, {
      what: 'read what the backend offers',
      path: '/info',
      ...options,
    });
  }

  async listModules(
    entity: CompoundEntityRef,
    options?: WasiRequestOptions,
  ): Promise<ModuleListAnswer> {
    const outline = await this.#read(moduleListOutlineSchema, {
      what: `list the modules of ${entity.name}`,
      timeoutMs: LIST_TIMEOUT_MS,
      path: modulesPath(entity),
      ...options,
    });
    const items: ModuleView[] = [];
    const problems = [...outline.problems];
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
    return { items, problems, missing: outline.missing };
  }

  async deleteModule(
    entity: CompoundEntityRef,
    module: ModuleRef,
    options?: WasiRequestOptions,
  ): Promise<void> {
    await this.#send({
      what: `delete ${module.name}`,
      path: modulePath(entity, module),
      method: 'DELETE',
      ...options,
    });
  }

  async getArtifact(
    entity: CompoundEntityRef,
    module: ModuleRef,
    options?: WasiRequestOptions,
  ): Promise<ArtifactView> {
    return this.#read(artifactViewSchema, {
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
    return this.#read(logsAnswerSchema, {
      what: `read the logs of ${module.name}`,
      path: `${modulePath(entity, module)}/logs?tailLines=${tailLines}`,
      ...rest,
    });
  }

  async invoke(
    entity: CompoundEntityRef,
    module: ModuleRef,
    request: InvokeRequest,
    options?: WasiRequestOptions,
  ): Promise<InvokeAnswer> {
    return this.#read(invokeAnswerSchema, {
      what: `call ${module.name}`,
      path: `${modulePath(entity, module)}/invoke`,
      method: 'POST',
      body: request,
      timeoutMs: INVOKE_TIMEOUT_MS,
      ...options,
    });
  }

  async #read<T>(schema: z.ZodType<T>, call: Call): Promise<T> {
    const response = await this.#send(call);
    const text = await readBody(response, call);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new WasiError('BACKEND_UNEXPECTED', {
        message: `Could not ${call.what}: the answer is not JSON.`,
      });
    }
    const parsed = schema.safeParse(value);
    if (!parsed.success) {
      throw unexpectedAnswer(call.what, parsed.error);
    }
    return parsed.data;
  }

  async #send(call: Call): Promise<Response> {
    const timeout = AbortSignal.timeout(call.timeoutMs ?? READ_TIMEOUT_MS);
    const signal = call.signal
      ? AbortSignal.any([call.signal, timeout])
      : timeout;
    let response: Response;
    try {
      response = await this.#fetchApi.fetch(`${BASE_URL}${call.path}`, {
        method: call.method ?? 'GET',
        headers: {
          Accept: 'application/json',
          ...(call.body !== undefined && {
            'Content-Type': 'application/json',
          }),
        },
        body: call.body === undefined ? undefined : JSON.stringify(call.body),
        signal,
      });
    } catch (cause) {
      throw unreachable(call, cause);
    }
    if (!response.ok) {
      throw await readErrorAnswer(response, call.what);
    }
    return response;
  }
}

async function readBody(response: Response, call: Call): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw unreachable(call, cause);
  }
}

function unreachable(call: Call, cause: unknown): WasiError {
  const why =
    cause instanceof Error && cause.name === 'TimeoutError'
      ? 'there was no answer in time'
      : 'the connection failed';
  return new WasiError('BACKEND_UNREACHABLE', {
    message: `Could not ${call.what}: ${why}.`,
    cause,
  });
}

function unexpectedAnswer(what: string, error: z.ZodError): WasiError {
  const [issue] = error.issues;
  const where = issue?.path.length ? ` at ${issue.path.join('.')}` : '';
  return new WasiError('BACKEND_UNEXPECTED', {
    message: `Could not ${what}: the answer is not understood${where}.`,
  });
}

function readCluster(row: unknown): string {
  const parsed = z
    .object({ ref: z.object({ cluster: z.string() }) })
    .safeParse(row);
  return parsed.success ? parsed.data.ref.cluster : '';
}

function modulesPath(entity: CompoundEntityRef): string {
  const parts = [entity.kind, entity.namespace, entity.name];
  return `/entities/${parts.map(encodeURIComponent).join('/')}/modules`;
}

function modulePath(entity: CompoundEntityRef, module: ModuleRef): string {
  const parts = [module.cluster, module.namespace, module.name];
  return `${modulesPath(entity)}/${parts.map(encodeURIComponent).join('/')}`;
}
