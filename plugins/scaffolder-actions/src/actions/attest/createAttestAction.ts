import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  type Attester,
  inspectModule,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { readFunctionFolder, resolveInWorkspace } from '../../workspace';
import { forUsers } from '../forUsers';
import * as inputs from '../inputs';
import { examples } from './createAttestAction.examples';

/**
 * Creates `wasi:module:attest`: says beside a pushed image what is in it and where it
 * comes from.
 *
 * @public
 */
export function createAttestAction(options: {
  attester: Attester;
  maxModuleBytes: number;
}) {
  return forUsers(
    createTemplateAction({
      id: 'wasi:module:attest',
      description:
        'Attaches an SBOM and a provenance to a pushed image, and signs both and the image with the key of `wasi.signing`, if there is one. Refuses an image that holds another module. Safe to repeat: what is attached already is left as it is.',
      examples,
      supportsDryRun: true,
      schema: {
        input: {
          path: inputs.functionPath,
          modulePath: inputs.modulePath,
          image: z =>
            z
              .string()
              .describe(
                'Reference by digest, as wasi:module:push answers: registry/name@sha256:…',
              ),
          version: z =>
            z
              .string()
              .optional()
              .describe(
                'Version of the function, for the SBOM. Default: none.',
              ),
          source: z =>
            z.string().optional().describe('URL of the source repository.'),
          revision: z =>
            z.string().optional().describe('Commit that was built.'),
          tools: z =>
            z
              .record(z.string())
              .default({})
              .describe(
                'Versions of the tools that built it, as wasi:module:build answers. Default: none.',
              ),
        },
        output: {
          sbom: z => z.string().describe('Digest of the SBOM in the registry'),
          packages: z => z.number().describe('Number of packages in the SBOM'),
          provenance: z =>
            z.string().describe('Digest of the provenance in the registry'),
          signature: z =>
            z
              .string()
              .optional()
              .describe(
                'Digest of the signature in the registry; none without `wasi.signing`',
              ),
        },
      },
      async handler(ctx) {
        const { input } = ctx;
        const { directory, funcConfig } = await readFunctionFolder(
          ctx.workspacePath,
          input.path,
        );
        const modulePath = resolveInWorkspace(
          ctx.workspacePath,
          input.modulePath,
        );
        if (ctx.isDryRun) {
          ctx.logger.info(
            `Dry run: would attach an SBOM and a provenance${
              options.attester.signs ? ', signed,' : ''
            } to ${input.image}.`,
          );
          ctx.output('sbom', '');
          ctx.output('packages', 0);
          ctx.output('provenance', '');
          return;
        }
        const attested = await options.attester.attest({
          image: input.image,
          inspection: await inspectModule(modulePath, {
            maxBytes: options.maxModuleBytes,
          }),
          name: funcConfig.name,
          version: input.version,
          runtime: funcConfig.runtime,
          directory,
          funcYaml: await digestOf(join(directory, 'func.yaml')),
          source: input.source,
          revision: input.revision,
          tools: input.tools,
          invocationId: ctx.task.id,
          signal: ctx.signal,
        });
        const { sbom, provenance, signature, attached } = attested;
        ctx.logger.info(
          `${attached ? 'Attached' : 'Attached already:'} SBOM with ${
            sbom.packages
          } packages${sbom.file ? ` of ${sbom.file}` : ''}, provenance${
            signature ? ' and signature' : ', not signed'
          }.`,
        );
        ctx.output('sbom', sbom.digest);
        ctx.output('packages', sbom.packages);
        ctx.output('provenance', provenance);
        ctx.output('signature', signature);
      },
    }),
  );
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256').update(await readFile(path));
  return `sha256:${hash.digest('hex')}`;
}
