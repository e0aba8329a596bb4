import type { AuditorService } from '@backstage/backend-plugin-api';
import {
  deploymentReportSchema,
  wasiModuleReadPermission,
  wasiModuleUpdatePermission,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { Router } from 'express';
import { audited } from '../audited';
import type { DeploymentReader } from '../history/DeploymentReader';
import type { DeploymentReports } from '../history/DeploymentReports';
import type { ReportAccess } from '../history/ReportAccess';
import {
  deploymentDiffQuerySchema,
  deploymentListQuerySchema,
} from '../schema/historyRequests';
import { parseRequest } from '../schema/parseRequest';
import { emptySchema, redeploySchema } from '../schema/requests';
import type { ModuleRestorer } from '../services/ModuleRestorer';
import type { ModuleWriter } from '../services/ModuleWriter';
import { changeModule } from './changeModule';
import {
  ENTITY,
  entityRefOf,
  MODULE,
  moduleRefOf,
  type RouteContext,
} from './RouteContext';

const DEPLOYMENTS = `${ENTITY}/deployments`;

/** What {@link addHistoryRoutes} calls. @internal */
export interface HistoryRoutesOptions {
  auditor: AuditorService;
  deployments: DeploymentReader;
  reports: DeploymentReports;
  reportAccess: ReportAccess;
  writer: ModuleWriter;
  restorer: ModuleRestorer;
}

/** The deployments of an entity: what happened, what would, and back to it. @internal */
export function addHistoryRoutes(
  router: Router,
  context: RouteContext,
  options: HistoryRoutesOptions,
): void {
  const { auditor, deployments, reportAccess, reports, restorer, writer } =
    options;

  router.get(DEPLOYMENTS, async (req, res) => {
    const { limit, cursor, ...ref } = parseRequest(
      deploymentListQuerySchema,
      req.query,
    );
    const { entity } = await context.read(req, res, wasiModuleReadPermission);
    res.json(await deployments.list(entity, { ref, limit, cursor }));
  });

  router.post(DEPLOYMENTS, async (req, res) => {
    const report = parseRequest(deploymentReportSchema, req.body);
    const entityRef = entityRefOf(req);
    const answer = await audited(
      auditor,
      {
        eventId: 'deployment-report',
        request: req,
        severityLevel: 'low',
        meta: { ...req.params, phase: report.phase },
      },
      async () => {
        const caller = await context.caller(req);
        await reportAccess.require(entityRef, caller, () =>
          reports.permissionFor(report),
        );
        return reports.take(entityRef, { caller, report });
      },
    );
    res.status(report.phase.startsWith('begin') ? 201 : 200).json(answer);
  });

  router.get(`${DEPLOYMENTS}/:id`, async (req, res) => {
    const { entity } = await context.read(req, res, wasiModuleReadPermission);
    res.json(await deployments.get(entity, req.params.id));
  });

  router.get(`${DEPLOYMENTS}/:id/diff`, async (req, res) => {
    const query = parseRequest(deploymentDiffQuerySchema, req.query);
    const { entity, caller } = await context.read(
      req,
      res,
      wasiModuleReadPermission,
    );
    res.json({
      changes: await deployments.diff(
        entity,
        req.params.id,
        query.with,
        caller.cluster,
      ),
    });
  });

  router.post(`${DEPLOYMENTS}/:id/rollback`, async (req, res) => {
    parseRequest(emptySchema, req.body ?? {});
    const { id } = req.params;
    await changeModule(
      context,
      req,
      res,
      { eventId: 'module-rollback', permission: wasiModuleUpdatePermission },
      async call => {
        const stored = await deployments.require(call.entity, id);
        const module = deployments.moduleOf(stored);
        if (!module) {
          throw new WasiError('DEPLOYMENT_NOT_RESTORABLE', {
            message: `Deployment ${id} deleted the module.`,
          });
        }
        return restorer.restore({ ...call, id, ref: stored.ref, module });
      },
    );
  });

  router.post(`${MODULE}/redeploy`, async (req, res) => {
    const ref = moduleRefOf(req);
    const { at } = parseRequest(redeploySchema, req.body ?? {});
    await changeModule(
      context,
      req,
      res,
      { eventId: 'module-redeploy', permission: wasiModuleUpdatePermission },
      call => writer.redeploy({ ...call, ref, at }),
    );
  });
}
