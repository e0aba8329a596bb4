import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import express from 'express';
import Router from 'express-promise-router';
import {
  addHistoryRoutes,
  type HistoryRoutesOptions,
} from './routes/addHistoryRoutes';
import {
  addModuleRoutes,
  type ModuleRoutesOptions,
} from './routes/addModuleRoutes';
import { addSyncRoutes } from './routes/addSyncRoutes';
import { RouteContext } from './routes/RouteContext';
import { openApiDocument } from './schema/openApiDocument';
import { refuseDeepBody } from './schema/refuseDeepBody';
import type { Callers } from './services/Callers';
import type { EntityAccess } from './services/EntityAccess';
import type { InfoReader } from './services/InfoReader';
import type { SyncControl } from './sync/SyncControl';

/** What the routes call. @internal */
export interface RouterOptions
  extends ModuleRoutesOptions,
    HistoryRoutesOptions {
  httpAuth: HttpAuthService;
  auditor: AuditorService;
  access: EntityAccess;
  callers: Callers;
  info: InfoReader;
  sync: SyncControl;
}

/**
 * The routes of the plugin: each parses, authorises, calls one service and answers.
 *
 * @internal
 */
export function createRouter(options: RouterOptions): express.Router {
  const context = new RouteContext(options);
  const router = Router();
  router.use(
    express.json({
      // A body of 1 MiB may be twice as long once it is written as JSON.
      limit: '4mb',
      type: ['application/json', 'application/merge-patch+json'],
    }),
    refuseDeepBody,
  );

  router.get('/openapi.json', (_req, res) => {
    res.json(openApiDocument);
  });

  router.get('/v1/info', async (req, res) => {
    const caller = await context.caller(req);
    res.json(await options.info.read(caller.cluster));
  });

  addModuleRoutes(router, context, options);
  addHistoryRoutes(router, context, options);
  addSyncRoutes(router, context, options);
  return router;
}
