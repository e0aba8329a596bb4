import { wasiModuleReadPermission } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Router } from 'express';
import type { DeploymentReader } from '../history/DeploymentReader';
import { parseRequest } from '../schema/parseRequest';
import {
  deploymentDiffQuerySchema,
  deploymentListQuerySchema,
} from '../schema/historyRequests';
import { ENTITY, type RouteContext } from './RouteContext';

const DEPLOYMENTS = `${ENTITY}/deployments`;

/** What {@link addHistoryRoutes} calls. @internal */
export interface HistoryRoutesOptions {
  deployments: DeploymentReader;
}

/** The deployments of an entity: what happened, and back to it. @internal */
export function addHistoryRoutes(
  router: Router,
  context: RouteContext,
  options: HistoryRoutesOptions,
): void {
  const { deployments } = options;

  router.get(DEPLOYMENTS, async (req, res) => {
    const { limit, cursor, ...ref } = parseRequest(
      deploymentListQuerySchema,
      req.query,
    );
    const { entity } = await context.read(req, res, wasiModuleReadPermission);
    res.json(await deployments.list(entity, { ref, limit, cursor }));
  });

  router.get(`${DEPLOYMENTS}/:id`, async (req, res) => {
    const { entity } = await context.read(req, res, wasiModuleReadPermission);
    res.json(await deployments.get(entity, req.params.id));
  });

  router.get(`${DEPLOYMENTS}/:id/diff`, async (req, res) => {
    const query = parseRequest(deploymentDiffQuerySchema, req.query);
    const { entity } = await context.read(req, res, wasiModuleReadPermission);
    res.json({
      changes: await deployments.diff(entity, req.params.id, query.with),
    });
  });
}
