import type { LoggerService } from '@backstage/backend-plugin-api';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  formatImageReference,
  moduleImage,
  parseImageReference,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  inspectModule,
  type ModuleRegistry,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { readFunctionFolder, resolveInWorkspace } from '../../workspace';
import { forUsers } from '../forUsers';
import * as inputs from '../inputs';
import { examples } from './createPushAction.examples';

/**
 * Creates `wasi:module:push`: a .wasm file becomes an OCI artifact, named by digest.
 *
 * @public
 */
export function createPushAction(options: {
  registry: ModuleRegistry;
  maxModuleBytes: number;
  now: () => Date;
}) {
  return forUsers(
    createTemplateAction({
      id: 'wasi:module:push',
      description:
        'Pushes a .wasm file to an OCI registry as a CNCF Wasm artifact. Bytes that the registry has are not sent again. Only registries of the configuration are spoken to.',
      examples,
      supportsDryRun: true,
      schema: {
        input: {
          path: inputs.functionPath,
          modulePath: inputs.modulePath,
          image: z =>
            z
              .string()
              .optional()
              .describe(
                'Reference to push to, e.g. ghcr.io/team/hello:1.0.0. Default: `image` of func.yaml, else `registry`/`name`.',
              ),
          tag: z =>
            z
              .string()
              .optional()
              .describe(
                'Tag to push to, where the reference has none. Default: latest. The module is deployed by digest all the same.',
              ),
          entityRef: z =>
            z
              .string()
              .optional()
              .describe('Entity the module belongs to; kept as an annotation.'),
          source: z =>
            z
              .string()
              .optional()
              .describe('URL of the source repository; kept as an annotation.'),
          revision: z =>
            z
              .string()
              .optional()
              .describe('Commit that was built; kept as an annotation.'),
        },
        output: {
          image: z =>
            z.string().describe('Reference by digest: registry/name@sha256:…'),
          reference: z => z.string().describe('Reference by tag'),
          digest: z => z.string().describe('Digest of the manifest'),
          size: z => z.number().describe('Size of the module in bytes'),
        },
      },
      async handler(ctx) {
        const { funcConfig } = await readFunctionFolder(
          ctx.workspacePath,
          ctx.input.path,
        );
        const target = parseImageReference(
          ctx.input.image ?? moduleImage(funcConfig, { tag: ctx.input.tag }),
        );
        const reference = formatImageReference({
          ...target,
          digest: undefined,
          tag: target.tag ?? ctx.input.tag ?? 'latest',
        });
        const path = resolveInWorkspace(
          ctx.workspacePath,
          ctx.input.modulePath,
        );
        ctx.output('reference', reference);
        if (ctx.isDryRun) {
          ctx.logger.info(`Dry run: would push to ${reference}.`);
          ctx.output('image', reference);
          ctx.output('digest', '');
          ctx.output('size', 0);
          return;
        }
        const inspection = await inspectModule(path, {
          maxBytes: options.maxModuleBytes,
        });
        const progress = reportQuarters(ctx.logger);
        const pushed = await ctx.checkpoint({
          key: `push.v1.${reference}.${inspection.digest}`,
          fn: async () => {
            const { image, digest, size, uploadedBytes } =
              await options.registry.push({
                path,
                reference,
                inspection,
                created: options.now().toISOString(),
                annotations: annotate({
                  'org.opencontainers.image.title': funcConfig.name,
                  'org.opencontainers.image.source': ctx.input.source,
                  'org.opencontainers.image.revision': ctx.input.revision,
                  'org.opencontainers.image.version': target.tag,
                  'backstage.io/entity-ref': ctx.input.entityRef,
                  'wasm.serving.knative.dev/runtime': funcConfig.runtime,
                }),
                signal: ctx.signal,
                onProgress: sent => progress(sent),
              });
            return { image, digest, size, uploadedBytes };
          },
        });
        ctx.logger.info(
          `Pushed ${reference} as ${pushed.digest}: a module of ${
            pushed.size
          } bytes; ${
            pushed.uploadedBytes === 0
              ? 'the registry had all of it'
              : `${pushed.uploadedBytes} bytes were sent, manifest included`
          }.`,
        );
        ctx.output('image', pushed.image);
        ctx.output('digest', pushed.digest);
        ctx.output('size', pushed.size);
      },
    }),
  );
}

/** Four lines for a push of any size. */
function reportQuarters(logger: LoggerService) {
  let told = 0;
  return (sent: { sentBytes: number; totalBytes: number }) => {
    const quarters = Math.floor((4 * sent.sentBytes) / (sent.totalBytes || 1));
    if (quarters > told) {
      told = quarters;
      logger.info(`Sent ${sent.sentBytes} of ${sent.totalBytes} bytes.`);
    }
  };
}

function annotate(
  values: Record<string, string | undefined>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter(
      (entry): entry is [string, string] => !!entry[1],
    ),
  );
}
