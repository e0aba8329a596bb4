import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import type { ResourcePermission } from '@backstage/plugin-permission-common';
import type { ModuleRef } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Request, Response } from 'express';
import { audited } from '../audited';
import { parseRequest } from '../schema/parseRequest';
import { entityParamsSchema, moduleParamsSchema } from '../schema/requests';
import type { Caller, Callers } from '../services/Callers';
import type { EntityAccess } from '../services/EntityAccess';
import type { EntityModules } from '../services/EntityModules';

/** Paths that the routes share. @internal */
export const ENTITY = '/v1/entities/:kind/:namespace/:name';
/** @internal */
export const MODULE = `${ENTITY}/modules/:cluster/:moduleNamespace/:moduleName`;

/** Who asks, and the entity that the permission was given for. @internal */
export interface AuthorisedCall {
  entity: Entity;
  caller: Caller;
  /** Aborts when the caller goes away before the answer is sent. */
  signal: AbortSignal;
}

/**
 * What each route does first: who asks, and may they.
 *
 * @internal
 */
export class RouteContext {
  readonly #httpAuth: HttpAuthService;
  readonly #auditor: AuditorService;
  readonly #access: EntityAccess;
  readonly #callers: Callers;
  readonly #modules: Pick<EntityModules, 'forget'>;

  constructor(options: {
    httpAuth: HttpAuthService;
    auditor: AuditorService;
    access: EntityAccess;
    callers: Callers;
    modules: Pick<EntityModules, 'forget'>;
  }) {
    this.#httpAuth = options.httpAuth;
    this.#auditor = options.auditor;
    this.#access = options.access;
    this.#callers = options.callers;
    this.#modules = options.modules;
  }

  /** Who asks, where no entity decides. */
  async caller(req: Request): Promise<Caller> {
    return this.#callers.of(await this.#httpAuth.credentials(req), req.headers);
  }

  async read(
    req: Request,
    res: Response,
    permission: ResourcePermission,
  ): Promise<AuthorisedCall> {
    const caller = await this.caller(req);
    const entity = await this.#access.require({
      entityRef: entityRefOf(req),
      permission,
      credentials: caller.credentials,
    });
    return { entity, caller, signal: closed(res) };
  }

  /** Denials are told to the auditor as well. */
  async write<T>(
    req: Request,
    res: Response,
    about: { eventId: string; permission: ResourcePermission; meta?: object },
    work: (call: AuthorisedCall) => Promise<T>,
  ): Promise<T> {
    return audited(
      this.#auditor,
      {
        eventId: about.eventId,
        request: req,
        severityLevel: 'medium',
        meta: { ...req.params, ...about.meta },
      },
      async () => {
        const call = await this.read(req, res, about.permission);
        try {
          return await work(call);
        } finally {
          this.#modules.forget(call.caller.cluster);
        }
      },
    );
  }
}

/** @internal */
export function entityRefOf(req: Request): string {
  return stringifyEntityRef(parseRequest(entityParamsSchema, req.params));
}

/** @internal */
export function moduleRefOf(req: Request): ModuleRef {
  const params = parseRequest(moduleParamsSchema, req.params);
  return {
    cluster: params.cluster,
    namespace: params.moduleNamespace,
    name: params.moduleName,
  };
}

function closed(res: Response): AbortSignal {
  const abort = new AbortController();
  res.on('close', () => {
    if (!res.writableEnded) {
      abort.abort();
    }
  });
  return abort.signal;
}
