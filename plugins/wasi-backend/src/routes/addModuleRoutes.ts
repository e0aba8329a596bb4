import {
  invokeRequestSchema,
  wasiModuleCreatePermission,
  wasiModuleDeletePermission,
  wasiModuleInvokePermission,
  wasiModuleLogsPermission,
  wasiModuleReadPermission,
  wasiModuleUpdatePermission,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { Router } from 'express';
import { parseRequest } from '../schema/parseRequest';
import {
  createModuleSchema,
  logsQuerySchema,
  moduleListQuerySchema,
  modulePatchSchema,
} from '../schema/requests';
import type { ArtifactReader } from '../services/ArtifactReader';
import type { EntityModules } from '../services/EntityModules';
import type { LogStreams } from '../services/LogStreams';
import type { ModuleInvoker } from '../services/ModuleInvoker';
import type { ModuleReader } from '../services/ModuleReader';
import type { ModuleWriter } from '../services/ModuleWriter';
import { changeModule } from './changeModule';
import { ENTITY, MODULE, moduleRefOf, type RouteContext } from './RouteContext';

/** What {@link addModuleRoutes} calls. @internal */
export interface ModuleRoutesOptions {
  modules: EntityModules;
  reader: ModuleReader;
  writer: ModuleWriter;
  artifacts: ArtifactReader;
  logs: LogStreams;
  invoker: ModuleInvoker;
}

/** The modules of an entity: list, read, write, logs, invoke. @internal */
export function addModuleRoutes(
  router: Router,
  context: RouteContext,
  options: ModuleRoutesOptions,
): void {
  const { reader, writer } = options;

  router.get(`${ENTITY}/modules`, async (req, res) => {
    const { cluster } = parseRequest(moduleListQuerySchema, req.query);
    const { entity, caller } = await context.read(
      req,
      res,
      wasiModuleReadPermission,
    );
    res.json(await reader.list(entity, { cluster, caller: caller.cluster }));
  });

  router.post(`${ENTITY}/modules`, async (req, res) => {
    const { cluster, module } = parseRequest(createModuleSchema, req.body);
    await changeModule(
      context,
      req,
      res,
      {
        eventId: 'module-create',
        permission: wasiModuleCreatePermission,
        status: 201,
      },
      call => writer.create({ ...call, cluster, module }),
    );
  });

  router.get(MODULE, async (req, res) => {
    const ref = moduleRefOf(req);
    const { entity, caller } = await context.read(
      req,
      res,
      wasiModuleReadPermission,
    );
    res.json(await reader.get(entity, ref, caller.cluster));
  });

  router.put(MODULE, async (req, res) => {
    const ref = moduleRefOf(req);
    await changeModule(
      context,
      req,
      res,
      { eventId: 'module-replace', permission: wasiModuleUpdatePermission },
      call => writer.replace({ ...call, ref, module: req.body }),
    );
  });

  router.patch(MODULE, async (req, res) => {
    const ref = moduleRefOf(req);
    const patch = parseRequest(modulePatchSchema, req.body);
    await changeModule(
      context,
      req,
      res,
      { eventId: 'module-patch', permission: wasiModuleUpdatePermission },
      call => writer.patch({ ...call, ref, patch }),
    );
  });

  router.delete(MODULE, async (req, res) => {
    const ref = moduleRefOf(req);
    await changeModule(
      context,
      req,
      res,
      {
        eventId: 'module-delete',
        permission: wasiModuleDeletePermission,
        status: 204,
      },
      call => writer.delete({ ...call, ref }),
    );
  });

  router.get(`${MODULE}/artifact`, async (req, res) => {
    const ref = moduleRefOf(req);
    const { entity, caller } = await context.read(
      req,
      res,
      wasiModuleReadPermission,
    );
    const { module } = await options.modules.require(
      entity,
      ref,
      caller.cluster,
    );
    res.json(await options.artifacts.read(module.spec.image));
  });

  router.get(`${MODULE}/logs`, async (req, res) => {
    const ref = moduleRefOf(req);
    const { tailLines, follow } = parseRequest(logsQuerySchema, req.query);
    const { entity, caller, signal } = await context.read(
      req,
      res,
      wasiModuleLogsPermission,
    );
    if (follow === 'true') {
      await options.modules.require(entity, ref, caller.cluster);
      await options.logs.send(res, { ref, tailLines, caller, signal });
      return;
    }
    res.json(
      await reader.logs(entity, ref, {
        tailLines,
        caller: caller.cluster,
        signal,
      }),
    );
  });

  router.post(`${MODULE}/invoke`, async (req, res) => {
    const ref = moduleRefOf(req);
    const request = parseRequest(invokeRequestSchema, req.body ?? {});
    const answer = await context.write(
      req,
      res,
      { eventId: 'module-invoke', permission: wasiModuleInvokePermission },
      call => options.invoker.invoke({ ...call, ref, request }),
    );
    res.json(answer);
  });
}
