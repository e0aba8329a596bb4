import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import type { ResourcePermission } from '@backstage/plugin-permission-common';
import {
  isWasiError,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { audited } from '../audited';
import type { Caller, Callers } from '../services/Callers';
import type { EntityAccess } from '../services/EntityAccess';
import { readEntityRef } from './inputs';
import { plainText } from './plainText';

// An action is not told when its caller goes away.
const TIMEOUT_MS = 60_000;

/** Who calls, and the entity that the permission was given for. @internal */
export interface ActionCall {
  entity: Entity;
  caller: Caller;
  signal: AbortSignal;
}

/** @internal */
export interface ActionRequest {
  credentials: BackstageCredentials;
  /** Entity ref, as the caller wrote it. */
  entity: string;
  permission: ResourcePermission;
}

/**
 * What each action does first: who calls, and may they. The same as for the
 * routes, but for the origin that the history names.
 *
 * @internal
 */
export class ActionContext {
  readonly #auditor: AuditorService;
  readonly #access: Pick<EntityAccess, 'require'>;
  readonly #callers: Callers;

  constructor(options: {
    auditor: AuditorService;
    access: Pick<EntityAccess, 'require'>;
    callers: Callers;
  }) {
    this.#auditor = options.auditor;
    this.#access = options.access;
    this.#callers = options.callers;
  }

  async read<T>(
    request: ActionRequest,
    work: (call: ActionCall) => Promise<T>,
  ): Promise<T> {
    return told(async () =>
      work(
        await this.#authorise(request, await this.caller(request.credentials)),
      ),
    );
  }

  /** Denials are told to the auditor as well, which has no request to know the caller by. */
  async write<T>(
    request: ActionRequest & { eventId: string; meta: Record<string, string> },
    work: (call: ActionCall) => Promise<T>,
  ): Promise<T> {
    return told(async () => {
      const caller = await this.caller(request.credentials);
      const { entity, eventId, meta } = request;
      return audited(
        this.#auditor,
        {
          eventId,
          severityLevel: 'medium',
          meta: { ...meta, entity, caller: caller.name, origin: caller.origin },
        },
        async () => work(await this.#authorise(request, caller)),
      );
    });
  }

  async caller(credentials: BackstageCredentials): Promise<Caller> {
    const caller = await this.#callers.of(credentials);
    return {
      ...caller,
      origin: caller.origin === 'template' ? 'template' : 'mcp',
    };
  }

  async #authorise(
    { entity, permission, credentials }: ActionRequest,
    caller: Caller,
  ): Promise<ActionCall> {
    return {
      entity: await this.#access.require({
        entityRef: readEntityRef(entity),
        permission,
        credentials,
      }),
      caller,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
  }
}

/** An MCP client is shown the message alone, so that says the next step, too. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isWasiError(error)) {
      throw error;
    }
    const { code, message, remedy, findings } = error;
    throw new WasiError(code, {
      message: plainText(`${message} ${remedy} [${code}]`).slice(0, 4_000),
      remedy,
      findings,
    });
  }
}
