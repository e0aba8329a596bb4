import {
  wasiModuleReadPermission,
  wasiModuleUpdatePermission,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { Router } from 'express';
import { parseRequest } from '../schema/parseRequest';
import { suspendSchema } from '../schema/requests';
import type { SyncControl } from '../sync/SyncControl';
import { ENTITY, type RouteContext } from './RouteContext';

/** Deploys of an entity from the catalog: how they stand, suspend, resume, run. @internal */
export function addSyncRoutes(
  router: Router,
  context: RouteContext,
  options: { sync: SyncControl },
): void {
  const permission = wasiModuleUpdatePermission;

  router.get(`${ENTITY}/sync`, async (req, res) => {
    const { entity } = await context.read(req, res, wasiModuleReadPermission);
    res.json(await options.sync.read(entity));
  });

  router.post(`${ENTITY}/sync/suspend`, async (req, res) => {
    const { reason } = parseRequest(suspendSchema, req.body ?? {});
    const view = await context.write(
      req,
      res,
      { eventId: 'sync-suspend', permission, meta: { reason } },
      ({ entity, caller }) =>
        options.sync.suspend(entity, { by: caller.name, reason }),
    );
    res.json(view);
  });

  router.post(`${ENTITY}/sync/resume`, async (req, res) => {
    const view = await context.write(
      req,
      res,
      { eventId: 'sync-resume', permission },
      ({ entity }) => options.sync.resume(entity),
    );
    res.json(view);
  });

  router.post(`${ENTITY}/sync/run`, async (req, res) => {
    const view = await context.write(
      req,
      res,
      { eventId: 'sync-run', permission },
      ({ entity }) => options.sync.run(entity),
    );
    res.json(view);
  });
}
