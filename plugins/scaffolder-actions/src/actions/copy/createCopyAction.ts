import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import type { ModuleRegistry } from '@wasi-functions/backstage-plugin-wasi-node';
import { readSource } from '../../workspace';
import { forUsers } from '../forUsers';
import * as inputs from '../inputs';
import { readPushTarget } from '../push/readPushTarget';
import { examples } from './createCopyAction.examples';

/** More than any module and its images of other platforms have. */
const MAX_BYTES = 2 * 1024 ** 3;

/**
 * Creates `wasi:module:copy`: an artifact at another place, under the same digest.
 *
 * @public
 */
export function createCopyAction(options: { registry: ModuleRegistry }) {
  return forUsers(
    createTemplateAction({
      id: 'wasi:module:copy',
      description:
        'Copies an artifact, or an index with all its platforms, byte for byte: between registries of the configuration and OCI layouts in the workspace. The digest stays; within one registry nothing is sent that can be mounted.',
      examples,
      supportsDryRun: true,
      schema: {
        input: {
          from: z =>
            z
              .string()
              .describe(
                'What to copy: a reference, or a layout in the workspace, oci:folder:tag or oci-archive:file.tar:tag.',
              ),
          to: z =>
            z
              .string()
              .describe(
                'Where to, with a tag: a reference, or a layout in the workspace. Default of the tag: latest.',
              ),
          referrers: z =>
            z
              .boolean()
              .default(false)
              .describe(
                'Copy signatures, SBOMs and what else is attached, too. Default: false.',
              ),
          withAccount: inputs.withAccount,
        },
        output: {
          image: z => z.string().describe('Reference by digest at the target'),
          reference: z => z.string().describe('Reference by tag'),
          digest: z => z.string().describe('Digest, the same as at the source'),
        },
      },
      async handler(ctx) {
        const { from, to, referrers, withAccount } = ctx.input;
        const source = readSource(ctx.workspacePath, {
          image: from,
          withAccount,
        });
        const { place, reference } = readPushTarget(ctx.workspacePath, {
          image: to,
        });
        ctx.output('reference', reference);
        if (ctx.isDryRun) {
          ctx.logger.info(`Dry run: would copy ${from} to ${reference}.`);
          ctx.output('image', reference);
          return;
        }
        const copied = await options.registry.copy({
          from: source,
          to: place,
          referrers,
          maxBytes: MAX_BYTES,
          signal: ctx.signal,
        });
        ctx.logger.info(
          `Copied ${from} to ${reference} as ${copied.digest}: ${
            copied.manifests
          } ${copied.manifests === 1 ? 'manifest' : 'manifests'}, ${
            copied.referrers
          } attached, ${copied.copiedBytes} bytes sent.`,
        );
        ctx.output('image', copied.image);
        ctx.output('digest', copied.digest);
      },
    }),
  );
}
