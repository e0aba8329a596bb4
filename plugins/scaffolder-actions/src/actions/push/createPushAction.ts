import type { LoggerService } from '@backstage/backend-plugin-api';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  artifactConsumers,
  artifactFormats,
  type ArtifactConsumerName,
  type ArtifactFormatName,
  checkArtifactFormat,
  type Finding,
  isWasiError,
  moduleImage,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  inspectModule,
  type ModuleRegistry,
} from '@wasi-functions/backstage-plugin-wasi-node';
import {
  readFunctionFolder,
  readSource,
  resolveInWorkspace,
} from '../../workspace';
import { forUsers } from '../forUsers';
import * as inputs from '../inputs';
import { examples } from './createPushAction.examples';
import { readPushTarget } from './readPushTarget';

const formats = artifactFormats.map(({ name }) => name) as [
  ArtifactFormatName,
  ...ArtifactFormatName[],
];
const consumers = Object.keys(artifactConsumers) as [
  ArtifactConsumerName,
  ...ArtifactConsumerName[],
];

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
        'Pushes a .wasm file to an OCI registry, or into an OCI layout in the workspace, in the format of your choice. Bytes that the registry has are not sent again. Only registries of the configuration are spoken to.',
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
                'Where to push: a reference, e.g. ghcr.io/team/hello:1.0.0, or a layout in the workspace, oci:folder:tag or oci-archive:file.tar:tag. Default: `image` of func.yaml, else `registry`/`name`.',
              ),
          tag: z =>
            z
              .string()
              .optional()
              .describe(
                'Tag to push to, where the reference has none. Default: latest. The module is deployed by digest all the same.',
              ),
          format: z =>
            z
              .enum(formats)
              .default('wasm')
              .describe(
                `How the registry keeps the module. ${artifactFormats
                  .map(({ name, label }) => `${name}: ${label}`)
                  .join('; ')}. Default: wasm, which functions need.`,
              ),
          deployTo: z =>
            z
              .enum(consumers)
              .optional()
              .describe(
                'What the module is going to run on. A format that it cannot pull is refused before anything is sent.',
              ),
          beside: z =>
            z
              .string()
              .optional()
              .describe(
                'For the format index: a container image that everybody may pull, whose platforms the module is put beside. Default: what the tag holds.',
              ),
          entityRef: z =>
            z
              .string()
              .optional()
              .describe('Entity the module belongs to; kept as an annotation.'),
          source: inputs.source,
          revision: inputs.revision,
          tools: z =>
            z
              .record(z.string())
              .optional()
              .describe(
                'Tools that built it, as wasi:module:build outputs them; kept as an annotation.',
              ),
        },
        output: {
          image: z =>
            z
              .string()
              .describe(
                'What to deploy, by digest: registry/name@sha256:…; of an index, the entry of the module',
              ),
          reference: z => z.string().describe('Reference by tag'),
          digest: z => z.string().describe('Digest of what the tag names'),
          deployable: z =>
            z
              .boolean()
              .describe('Whether knative-serving-wasm can pull the image'),
          size: z => z.number().describe('Size of the module in bytes'),
        },
      },
      async handler(ctx) {
        const funcConfig = await readFunctionFolder(
          ctx.workspacePath,
          ctx.input.path,
        ).then(
          folder => folder.funcConfig,
          error => {
            if (ctx.input.image && isMissing(error)) {
              // A program has none, and is pushed to where the input says.
              return undefined;
            }
            throw error;
          },
        );
        const { format, deployTo } = ctx.input;
        const { place, reference, tag } = readPushTarget(ctx.workspacePath, {
          image:
            ctx.input.image ?? moduleImage(funcConfig!, { tag: ctx.input.tag }),
          tag: ctx.input.tag,
        });
        const beside =
          ctx.input.beside === undefined
            ? undefined
            : readSource(ctx.workspacePath, { image: ctx.input.beside });
        refuse(checkArtifactFormat(format, { consumer: deployTo }));
        const path = resolveInWorkspace(
          ctx.workspacePath,
          ctx.input.modulePath,
        );
        ctx.output('reference', reference);
        if (ctx.isDryRun) {
          ctx.logger.info(`Dry run: would push to ${reference}.`);
          ctx.output('image', reference);
          ctx.output('digest', '');
          ctx.output('deployable', isPulledByRunner(format));
          ctx.output('size', 0);
          return;
        }
        const inspection = await inspectModule(path, {
          maxBytes: options.maxModuleBytes,
        });
        refuse(checkArtifactFormat(format, { inspection }));
        const progress = reportQuarters(ctx.logger);
        const pushed = await ctx.checkpoint({
          key: `push.v2.${reference}.${format}.${inspection.digest}`,
          fn: async () => {
            const { image, runnerImage, digest, size, uploadedBytes } =
              await options.registry.push({
                path,
                reference: place,
                format,
                beside,
                inspection,
                created: options.now().toISOString(),
                annotations: annotate({
                  'org.opencontainers.image.title': funcConfig?.name,
                  'org.opencontainers.image.source': ctx.input.source,
                  'org.opencontainers.image.revision': ctx.input.revision,
                  'org.opencontainers.image.version':
                    tag === 'latest' ? undefined : tag,
                  'backstage.io/entity-ref': ctx.input.entityRef,
                  'wasm.serving.knative.dev/runtime': funcConfig?.runtime,
                  'wasm.serving.knative.dev/toolchain': describeTools(
                    ctx.input.tools,
                  ),
                }),
                signal: ctx.signal,
                onProgress: sent => progress(sent),
              });
            return {
              image: runnerImage ?? image,
              deployable: runnerImage !== undefined,
              digest,
              size,
              uploadedBytes,
            };
          },
        });
        ctx.logger.info(
          `Pushed ${reference} as ${
            pushed.digest
          }, format ${format}: a module of ${pushed.size} bytes; ${
            pushed.uploadedBytes === 0
              ? 'the registry had all of it'
              : `${pushed.uploadedBytes} bytes were sent, manifest included`
          }.`,
        );
        ctx.output('image', pushed.image);
        ctx.output('digest', pushed.digest);
        ctx.output('deployable', pushed.deployable);
        ctx.output('size', pushed.size);
      },
    }),
  );
}

function isMissing(error: unknown): boolean {
  return isWasiError(error) && error.code === 'FUNC_YAML_MISSING';
}

function refuse(findings: Finding[]): void {
  const [first] = findings;
  if (first) {
    throw new WasiError(first.code, { ...first, findings });
  }
}

function isPulledByRunner(format: ArtifactFormatName): boolean {
  return !checkArtifactFormat(format, { consumer: 'knative-serving-wasm' })
    .length;
}

function describeTools(tools: Record<string, string> = {}): string {
  return Object.entries(tools)
    .map(([name, version]) => `${name} ${version}`)
    .sort()
    .join(', ');
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
