import type { PermissionsService } from '@backstage/backend-plugin-api';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  isWasiError,
  parseImageReference,
  WasiError,
  wasiModuleDeletePermission,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ArtifactManifest,
  Clusters,
  ModuleRegistry,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { forUsers } from '../forUsers';
import * as inputs from '../inputs';
import { readOwningEntity } from '../readOwningEntity';
import { examples } from './createDeleteImageAction.examples';
import { findDeployments } from './findDeployments';

const ENTITY = 'backstage.io/entity-ref';

/**
 * Creates `wasi:image:delete`: an image of an entity, which nothing runs any more,
 * leaves the registry.
 *
 * @public
 */
export function createDeleteImageAction(options: {
  registry: ModuleRegistry;
  clusters: Clusters;
  permissions: PermissionsService;
}) {
  const { registry, clusters, permissions } = options;
  return forUsers(
    createTemplateAction({
      id: 'wasi:image:delete',
      description:
        'Deletes an image from a registry, with every tag that names it. Refused while a WasmModule of any configured cluster names it, and unless it says that it belongs to the entity. An image that is gone already is no error.',
      examples,
      supportsDryRun: true,
      schema: {
        input: {
          image: z =>
            z
              .string()
              .describe(
                'What to delete, by tag or digest, e.g. ghcr.io/team/hello:0.9.0.',
              ),
          entityRef: inputs.owningEntityRef,
        },
        output: {
          deleted: z =>
            z.boolean().describe('False where the image was gone already'),
        },
      },
      async handler(ctx) {
        const { image } = ctx.input;
        const { entityRef } = readOwningEntity(ctx.input.entityRef);
        parseImageReference(image);
        ctx.output('deleted', false);
        if (ctx.isDryRun) {
          ctx.logger.info(`Dry run: would delete ${image}.`);
          return;
        }
        const [decision] = await permissions.authorize(
          [{ permission: wasiModuleDeletePermission, resourceRef: entityRef }],
          { credentials: await ctx.getInitiatorCredentials() },
        );
        if (decision.result !== AuthorizeResult.ALLOW) {
          throw new WasiError('PERMISSION_DENIED', {
            message: `You may not delete images of ${entityRef}: permission ${wasiModuleDeletePermission.name} is denied.`,
          });
        }
        const manifest = await registry
          .describe(image, { signal: ctx.signal })
          .catch(unlessGone);
        if (!manifest) {
          ctx.logger.info(`${image} was gone already.`);
          return;
        }
        requireOwner(manifest, image, entityRef);
        const deployments = await findDeployments(manifest, {
          clusters,
          registry,
          signal: ctx.signal,
        });
        if (deployments.length) {
          throw new WasiError('IMAGE_IN_USE', {
            message: `${image} is what ${deployments.join(', ')} runs.`,
          });
        }
        await registry
          .delete(manifest.image, { signal: ctx.signal })
          .catch(unlessGone);
        ctx.logger.info(`Deleted ${manifest.image}.`);
        ctx.output('deleted', true);
      },
    }),
  );
}

function requireOwner(
  manifest: ArtifactManifest,
  image: string,
  entityRef: string,
): void {
  const owner = manifest.annotations[ENTITY];
  if (owner !== entityRef) {
    throw new WasiError('PERMISSION_DENIED', {
      message: `${image} ${
        owner
          ? `belongs to ${owner}`
          : 'does not say which entity it belongs to'
      }, so it is not deleted for ${entityRef}.`,
      remedy: 'Delete it with the tools of the registry, if you may.',
    });
  }
}

function unlessGone(error: unknown): undefined {
  if (isWasiError(error) && error.code === 'REGISTRY_NOT_FOUND') {
    return undefined;
  }
  throw error;
}
