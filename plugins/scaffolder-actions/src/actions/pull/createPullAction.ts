import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { artifactFormatLabel } from '@wasi-functions/backstage-plugin-wasi-common';
import type { ModuleRegistry } from '@wasi-functions/backstage-plugin-wasi-node';
import { readSource, resolveInWorkspace } from '../../workspace';
import { forUsers } from '../forUsers';
import * as inputs from '../inputs';
import { examples } from './createPullAction.examples';

/**
 * Creates `wasi:module:pull`: an artifact of any format becomes a .wasm file.
 *
 * @public
 */
export function createPullAction(options: {
  registry: ModuleRegistry;
  maxModuleBytes: number;
}) {
  return forUsers(
    createTemplateAction({
      id: 'wasi:module:pull',
      description:
        'Writes the module of an artifact to a .wasm file in the workspace: of a bare artifact, a container image that runs a module, or an index with a platform for WebAssembly; from a registry of the configuration or an OCI layout in the workspace.',
      examples,
      supportsDryRun: true,
      schema: {
        input: {
          image: z =>
            z
              .string()
              .describe(
                'What to pull: a reference, e.g. ghcr.io/team/hello:1.0.0, or a layout in the workspace, oci:folder:tag or oci-archive:file.tar:tag.',
              ),
          modulePath: inputs.modulePath,
          platform: z =>
            z
              .string()
              .optional()
              .describe(
                'Entry of an index to take, e.g. js/wasm. Default: the one for WebAssembly.',
              ),
          withAccount: inputs.withAccount,
        },
        output: {
          modulePath: z => z.string().describe('Path of the .wasm file'),
          digest: z => z.string().describe('Digest of the module'),
          size: z => z.number().describe('Size of the module in bytes'),
          format: z => z.string().describe('Format that it was found in'),
          manifestDigest: z =>
            z.string().describe('Digest of the manifest that named it'),
        },
      },
      async handler(ctx) {
        const { image, modulePath, platform, withAccount } = ctx.input;
        const source = readSource(ctx.workspacePath, { image, withAccount });
        const target = resolveInWorkspace(ctx.workspacePath, modulePath);
        ctx.output('modulePath', modulePath);
        if (ctx.isDryRun) {
          ctx.logger.info(`Dry run: would pull ${image}.`);
          return;
        }
        await mkdir(dirname(target), { recursive: true });
        const { digest, size, format, manifestDigest, ...found } =
          await options.registry.pull(source, target, {
            maxBytes: options.maxModuleBytes,
            platform,
            signal: ctx.signal,
          });
        const where = [found.platform, found.file].filter(Boolean).join(' ');
        ctx.logger.info(
          `Pulled ${size} bytes of ${image}${
            where && ` (${where})`
          }, kept as ${artifactFormatLabel(format)}, into ${modulePath}.`,
        );
        ctx.output('digest', digest);
        ctx.output('size', size);
        ctx.output('format', format);
        ctx.output('manifestDigest', manifestDigest);
      },
    }),
  );
}
