import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import type { ResourcePermission } from '@backstage/plugin-permission-common';
import {
  invokeRequestSchema,
  wasiModuleCreatePermission,
  wasiModuleDeletePermission,
  wasiModuleInvokePermission,
  wasiModuleReadPermission,
  wasiModuleUpdatePermission,
  type ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';
import express, { type Request, type Response } from 'express';
import Router from 'express-promise-router';
import { audited } from './audited';
import { openApiDocument } from './schema/openApiDocument';
import { parseRequest } from './schema/parseRequest';
import { refuseDeepBody } from './schema/refuseDeepBody';
import {
  createModuleSchema,
  entityParamsSchema,
  logsQuerySchema,
  modulePatchSchema,
  moduleParamsSchema,
} from './schema/requests';
import type { ArtifactReader } from './services/ArtifactReader';
import type { EntityAccess } from './services/EntityAccess';
import type { EntityModules } from './services/EntityModules';
import type { InfoReader } from './services/InfoReader';
import type { ModuleInvoker } from './services/ModuleInvoker';
import type { ModuleReader } from './services/ModuleReader';
import type { ModuleWriter } from './services/ModuleWriter';

/** What the routes call. @internal */
export interface RouterOptions {
  httpAuth: HttpAuthService;
  auditor: AuditorService;
  access: EntityAccess;
  modules: EntityModules;
  reader: ModuleReader;
  writer: ModuleWriter;
  artifacts: ArtifactReader;
  invoker: ModuleInvoker;
  info: InfoReader;
}

const ENTITY = '/v1/entities/:kind/:namespace/:name/modules';
const MODULE = `${ENTITY}/:cluster/:moduleNamespace/:moduleName`;

/**
 * The routes of the plugin: each parses, authorises, calls one service and answers.
 *
 * @internal
 */
export function createRouter(options: RouterOptions): express.Router {
  const { httpAuth, access, reader, writer } = options;
  const router = Router();
  router.use(
    express.json({
      // A body of 1 MiB may be twice as long once it is written as JSON.
      limit: '4mb',
      type: ['application/json', 'application/merge-patch+json'],
    }),
    refuseDeepBody,
  );

  const authorise = async (
    req: Request,
    permission: ResourcePermission,
  ): Promise<Entity> =>
    access.require({
      entityRef: entityRefOf(req),
      permission,
      credentials: await httpAuth.credentials(req),
    });

  /** Denials are told to the auditor as well. */
  const write = <T>(
    req: Request,
    about: { eventId: string; permission: ResourcePermission },
    work: (entity: Entity) => Promise<T>,
  ): Promise<T> =>
    audited(
      options.auditor,
      {
        eventId: about.eventId,
        request: req,
        severityLevel: 'medium',
        meta: { ...req.params },
      },
      async () => work(await authorise(req, about.permission)),
    );

  router.get('/openapi.json', (_req, res) => {
    res.json(openApiDocument);
  });

  router.get('/v1/info', async (req, res) => {
    await httpAuth.credentials(req);
    res.json(await options.info.read());
  });

  router.get(ENTITY, async (req, res) => {
    const entity = await authorise(req, wasiModuleReadPermission);
    res.json(await reader.list(entity));
  });

  router.post(ENTITY, async (req, res) => {
    const { cluster, module } = parseRequest(createModuleSchema, req.body);
    const view = await write(
      req,
      { eventId: 'module-create', permission: wasiModuleCreatePermission },
      entity => writer.create({ entity, cluster, module, signal: closed(res) }),
    );
    res.status(201).json(view);
  });

  router.get(MODULE, async (req, res) => {
    const ref = moduleRefOf(req);
    const entity = await authorise(req, wasiModuleReadPermission);
    res.json(await reader.get(entity, ref));
  });

  router.put(MODULE, async (req, res) => {
    const ref = moduleRefOf(req);
    const view = await write(
      req,
      { eventId: 'module-replace', permission: wasiModuleUpdatePermission },
      entity =>
        writer.replace({ entity, ref, module: req.body, signal: closed(res) }),
    );
    res.json(view);
  });

  router.patch(MODULE, async (req, res) => {
    const ref = moduleRefOf(req);
    const patch = parseRequest(modulePatchSchema, req.body);
    const view = await write(
      req,
      { eventId: 'module-patch', permission: wasiModuleUpdatePermission },
      entity => writer.patch({ entity, ref, patch, signal: closed(res) }),
    );
    res.json(view);
  });

  router.delete(MODULE, async (req, res) => {
    const ref = moduleRefOf(req);
    await write(
      req,
      { eventId: 'module-delete', permission: wasiModuleDeletePermission },
      entity => writer.delete({ entity, ref, signal: closed(res) }),
    );
    res.status(204).end();
  });

  router.get(`${MODULE}/artifact`, async (req, res) => {
    const ref = moduleRefOf(req);
    const entity = await authorise(req, wasiModuleReadPermission);
    const { module } = await options.modules.require(entity, ref);
    res.json(await options.artifacts.read(module.spec.image));
  });

  router.get(`${MODULE}/logs`, async (req, res) => {
    const ref = moduleRefOf(req);
    const { tailLines } = parseRequest(logsQuerySchema, req.query);
    const entity = await authorise(req, wasiModuleReadPermission);
    res.json(
      await reader.logs(entity, ref, { tailLines, signal: closed(res) }),
    );
  });

  router.post(`${MODULE}/invoke`, async (req, res) => {
    const ref = moduleRefOf(req);
    const request = parseRequest(invokeRequestSchema, req.body ?? {});
    const answer = await write(
      req,
      { eventId: 'module-invoke', permission: wasiModuleInvokePermission },
      entity =>
        options.invoker.invoke({
          entity,
          ref,
          request,
          signal: closed(res),
        }),
    );
    res.json(answer);
  });

  return router;
}

function entityRefOf(req: Request): string {
  return stringifyEntityRef(parseRequest(entityParamsSchema, req.params));
}

function moduleRefOf(req: Request): ModuleRef {
  const params = parseRequest(moduleParamsSchema, req.params);
  return {
    cluster: params.cluster,
    namespace: params.moduleNamespace,
    name: params.moduleName,
  };
}

/** Aborts when the caller goes away before the answer is sent. */
function closed(res: Response): AbortSignal {
  const abort = new AbortController();
  res.on('close', () => {
    if (!res.writableEnded) {
      abort.abort();
    }
  });
  return abort.signal;
}
