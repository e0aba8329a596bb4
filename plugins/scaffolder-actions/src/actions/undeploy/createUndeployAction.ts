import type { PermissionsService } from '@backstage/backend-plugin-api';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  isWasiError,
  WasiError,
  wasiModuleDeletePermission,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  checkModuleOwner,
  readExisting,
  type Clusters,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { DeployReports } from '../deploy';
import { forUsers } from '../forUsers';
import * as inputs from '../inputs';
import { readOwningEntity } from '../readOwningEntity';
import type { ReadClusterCaller } from '../../readClusterCaller';
import { examples } from './createUndeployAction.examples';

/**
 * Creates `wasi:module:undeploy`: removes the WasmModule of an entity.
 *
 * @public
 */
export function createUndeployAction(options: {
  clusters: Clusters;
  permissions: PermissionsService;
  reports: DeployReports;
  readCaller: ReadClusterCaller;
}) {
  return forUsers(
    createTemplateAction({
      id: 'wasi:module:undeploy',
      description:
        'Deletes a WasmModule. A module that is gone already is no error; one that belongs to another entity is refused.',
      examples,
      supportsDryRun: true,
      schema: {
        input: {
          cluster: inputs.cluster,
          namespace: inputs.namespace,
          name: inputs.moduleName,
          entityRef: inputs.owningEntityRef,
        },
        output: {
          deleted: z =>
            z.boolean().describe('False where the module was gone already'),
        },
      },
      async handler(ctx) {
        const { cluster, namespace, name } = ctx.input;
        const { entityRef } = readOwningEntity(ctx.input.entityRef);
        const credentials = await ctx.getInitiatorCredentials();
        const client = options.clusters.client(
          cluster,
          await options.readCaller(credentials),
        );
        const ref = { cluster: client.cluster, namespace, name };
        if (ctx.isDryRun) {
          ctx.logger.info(`Dry run: would delete ${namespace}/${name}.`);
          ctx.output('deleted', false);
          return;
        }
        const [decision] = await options.permissions.authorize(
          [{ permission: wasiModuleDeletePermission, resourceRef: entityRef }],
          { credentials },
        );
        if (decision.result !== AuthorizeResult.ALLOW) {
          throw new WasiError('PERMISSION_DENIED', {
            message: `You may not delete modules of ${entityRef}: permission ${wasiModuleDeletePermission.name} is denied.`,
          });
        }
        const deleted = await ctx.checkpoint({
          key: `undeploy.v1.${client.cluster}.${namespace}.${name}`,
          fn: async () => {
            const module = await readExisting(client, ref, ctx.signal);
            if (!module) {
              return false;
            }
            checkModuleOwner(module, entityRef);
            const { uid } = module.metadata;
            const report = await options.reports.beginDelete({
              ...ref,
              entityRef,
              key: [ctx.task.id, ctx.step?.id, client.cluster, uid].join(),
              credentials,
              logger: ctx.logger,
            });
            try {
              await client.delete(ref, { uid, signal: ctx.signal });
            } catch (error) {
              await report.failed(error);
              if (isWasiError(error) && error.code === 'MODULE_NOT_FOUND') {
                return false;
              }
              throw error;
            }
            await report.deleted();
            return true;
          },
        });
        ctx.logger.info(
          deleted
            ? `Deleted ${namespace}/${name} from ${client.cluster}.`
            : `${namespace}/${name} was gone already.`,
        );
        ctx.output('deleted', deleted);
      },
    }),
  );
}
