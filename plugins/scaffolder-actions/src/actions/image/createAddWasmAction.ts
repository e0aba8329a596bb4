import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  formatImageReference,
  parseImageReference,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  inspectModule,
  type CommandBuilder,
  type ModuleRegistry,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { requireFolder } from '../../workspace';
import { forUsers } from '../forUsers';
import * as inputs from '../inputs';
import { examples } from './createAddWasmAction.examples';

/** Not the name of a file that a repository would keep. */
const OUTPUT = '.image-module.wasm';

/**
 * Creates `wasi:image:add-wasm`: a container image of a Go package, such as ko builds it,
 * gets the package for `wasi/wasm` as one more platform.
 *
 * @public
 */
export function createAddWasmAction(options: {
  builder: CommandBuilder;
  registry: ModuleRegistry;
  maxModuleBytes: number;
  now: () => Date;
}) {
  return forUsers(
    createTemplateAction({
      id: 'wasi:image:add-wasm',
      description:
        'Builds a Go package for WASI and puts it beside the platforms of an image that is in the registry already, such as one of ko: one tag, for linux and for wasi/wasm. The other platforms stay as they are.',
      examples,
      supportsDryRun: true,
      schema: {
        input: {
          path: z =>
            z
              .string()
              .default('.')
              .describe(
                'Folder in the workspace that holds go.mod. Default: the workspace itself.',
              ),
          package: z =>
            z
              .string()
              .default('.')
              .describe(
                'Package to build, such as ./cmd/app. Default: that of the folder.',
              ),
          image: z =>
            z
              .string()
              .describe(
                'Image with its tag, in a registry of the portal, e.g. ghcr.io/team/app:1.0.0.',
              ),
          source: inputs.source,
          revision: inputs.revision,
        },
        output: {
          image: z =>
            z.string().describe('The index by digest: registry/name@sha256:…'),
          reference: z => z.string().describe('The index by tag'),
          digest: z => z.string().describe('Digest of the index'),
          size: z => z.number().describe('Size of the module in bytes'),
        },
      },
      async handler(ctx) {
        const { input } = ctx;
        const target = parseImageReference(input.image);
        const reference = formatImageReference({
          ...target,
          digest: undefined,
          tag: target.tag ?? 'latest',
        });
        ctx.output('reference', reference);
        if (ctx.isDryRun) {
          ctx.logger.info(
            `Dry run: ${input.package} is not built, and not added to ${reference}.`,
          );
          ctx.output('image', reference);
          ctx.output('digest', '');
          ctx.output('size', 0);
          return;
        }
        const directory = await requireFolder(ctx.workspacePath, input.path);
        // Before minutes of compiling: a tag without an image is told at once.
        await options.registry.describe(reference, { signal: ctx.signal });
        const { path } = await options.builder.build({
          directory,
          language: 'go',
          target: 'wasip1',
          source: input.package,
          output: OUTPUT,
          signal: ctx.signal,
          log: line => ctx.logger.info(line),
        });
        const inspection = await inspectModule(path, {
          maxBytes: options.maxModuleBytes,
        });
        const pushed = await ctx.checkpoint({
          key: `add-wasm.v1.${reference}.${inspection.digest}`,
          fn: async () => {
            const { image, digest, size } = await options.registry.push({
              path,
              reference,
              format: 'index',
              inspection,
              created: options.now().toISOString(),
              annotations: Object.fromEntries(
                Object.entries({
                  'org.opencontainers.image.source': input.source,
                  'org.opencontainers.image.revision': input.revision,
                }).filter(
                  (entry): entry is [string, string] => entry[1] !== undefined,
                ),
              ),
              signal: ctx.signal,
            });
            return { image, digest, size };
          },
        });
        ctx.logger.info(
          `${reference} is ${pushed.digest} now, with ${input.package} for wasi/wasm: ${pushed.size} bytes.`,
        );
        ctx.output('image', pushed.image);
        ctx.output('digest', pushed.digest);
        ctx.output('size', pushed.size);
      },
    }),
  );
}
