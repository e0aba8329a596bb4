import { existsSync } from 'node:fs';
import { lstat, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { UrlReaderService } from '@backstage/backend-plugin-api';
import { stringifyEntityRef } from '@backstage/catalog-model';
import type { ScmIntegrations } from '@backstage/integration';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  createTemplateAction,
  fetchContents,
} from '@backstage/plugin-scaffolder-node';
import {
  findRuntime,
  parseFuncYaml,
  runtimes,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  formatFinding,
  resolveInWorkspace,
  unlessPresent,
} from '../../workspace';
import { forUsers } from '../forUsers';
import * as inputs from '../inputs';
import { examples } from './createInitAction.examples';
import { functionFiles } from './functionFiles';

/**
 * Creates `wasi:function:init`: a runtime's skeleton and the form's answers become a function repository.
 *
 * @public
 */
export function createInitAction(options: {
  reader: UrlReaderService;
  integrations: ScmIntegrations;
  catalog: CatalogService;
  now: () => Date;
}) {
  return forUsers(
    createTemplateAction({
      id: 'wasi:function:init',
      description:
        'Generates the repository of a WebAssembly function: the skeleton of its runtime, func.yaml, catalog-info.yaml and a README.',
      examples,
      supportsDryRun: true,
      schema: {
        input: {
          name: z =>
            z
              .string()
              .describe(
                'Name of the function: lower-case letters, digits and dashes, at most 63 characters.',
              ),
          runtime: z =>
            z
              .string()
              .describe(
                `One of ${runtimes.map(runtime => runtime.name).join(', ')}.`,
              ),
          language: z =>
            z
              .string()
              .optional()
              .describe(
                'Language, where the runtime has several: js-wasi has JavaScript and TypeScript. Default: the first.',
              ),
          owner: z =>
            z
              .string()
              .describe('Owner in the catalog, e.g. group:default/team-a.'),
          registry: z =>
            z
              .string()
              .describe(
                'Registry and prefix to push to, e.g. ghcr.io/my-team. The name is added.',
              ),
          description: z => z.string().max(500).optional(),
          namespace: z =>
            z
              .string()
              .default('default')
              .describe('Namespace to deploy to. Default: default.'),
          env: z =>
            z
              .array(
                z.object({ name: z.string(), value: z.string().default('') }),
              )
              .default([])
              .describe(
                'Environment variables of the module, as name and value. No secrets: they would be readable in the repository.',
              ),
          network: inputs.network,
          autoDeploy: z =>
            z
              .boolean()
              .default(false)
              .describe(
                'Have the portal deploy changes of func.yaml and of the image, where `wasi.sync` allows it. Default: false.',
              ),
          source: z =>
            z
              .string()
              .optional()
              .describe(
                'For prebuilt-wasi: where the module comes from, an https URL, npm:package@version/path.wasm, oci://registry/repository:tag, or a path in the repository.',
              ),
          skeleton: z =>
            z
              .string()
              .optional()
              .describe(
                'URL of a folder to start from, relative to the template, e.g. ./skeletons/js-wasi. Default: no skeleton.',
              ),
          targetPath: z =>
            z
              .string()
              .default('.')
              .describe(
                'Folder in the workspace to write to. Default: the workspace itself.',
              ),
        },
        output: {
          entityRef: z => z.string().describe('Reference of the new entity'),
          path: z => z.string().describe('Folder that was written to'),
        },
      },
      async handler(ctx) {
        const { input } = ctx;
        const runtime = findRuntime(input.runtime);
        if (!runtime) {
          throw new WasiError('RUNTIME_UNKNOWN', {
            message: `There is no runtime '${input.runtime}'.`,
            remedy: `Choose one of ${runtimes
              .map(({ name }) => name)
              .join(', ')}.`,
          });
        }
        const entityRef = stringifyEntityRef({
          kind: 'component',
          namespace: 'default',
          name: input.name,
        });
        const fn = { ...input, runtime, created: options.now() };
        refuseFaults(functionFiles(fn, () => false)['func.yaml']);
        const existing = await options.catalog.getEntityByRef(entityRef, {
          credentials: await ctx.getInitiatorCredentials(),
        });
        if (existing) {
          throw new WasiError('FILE_EXISTS', {
            message: `The catalog has ${entityRef} already.`,
            remedy: 'Choose another name.',
          });
        }

        const target = resolveInWorkspace(ctx.workspacePath, input.targetPath);
        if (input.skeleton) {
          await fetchContents({
            reader: options.reader,
            integrations: options.integrations,
            baseUrl: ctx.templateInfo?.baseUrl,
            fetchUrl: input.skeleton,
            outputPath: target,
          }).catch(error => {
            throw unreadable(input.skeleton!, error);
          });
        }
        const files = functionFiles(fn, path => existsSync(join(target, path)));
        for (const [name, content] of Object.entries(files)) {
          const file = join(target, name);
          await refuseLinks(target, name);
          await mkdir(dirname(file), { recursive: true });
          await writeFile(file, content);
        }
        const written = await readdir(target);
        ctx.logger.info(
          `Generated ${input.name} for ${runtime.label}: ${written
            .sort()
            .join(', ')}.`,
        );
        ctx.output('entityRef', entityRef);
        ctx.output('path', input.targetPath);
      },
    }),
  );
}

function refuseFaults(funcYaml: string): void {
  const errors = parseFuncYaml(funcYaml).findings.filter(
    finding => finding.severity === 'error',
  );
  if (errors.length > 0) {
    throw new WasiError(errors[0].code, {
      message: `These inputs do not make a valid func.yaml:\n${errors
        .map(finding => formatFinding({ ...finding, line: undefined }))
        .join('\n')}`,
      findings: errors,
    });
  }
}

function unreadable(
  skeleton: string,
  { code, message }: NodeJS.ErrnoException,
): WasiError {
  return new WasiError('SOURCE_MISSING', {
    // With a code it comes from the file system, and its message names folders of the backend.
    message: `The skeleton '${skeleton}' cannot be read: ${code ?? message}.`,
    remedy:
      'Name a folder beside the template, e.g. ./skeletons/js-wasi, or a URL that an integration of this portal reads.',
  });
}

/** Neither the file nor a folder on the way to it. */
async function refuseLinks(target: string, name: string): Promise<void> {
  const parts = name.split('/');
  for (let count = 1; count <= parts.length; count += 1) {
    const path = join(target, ...parts.slice(0, count));
    const stats = await lstat(path).catch(unlessPresent);
    if (stats?.isSymbolicLink()) {
      throw new WasiError('SOURCE_PATH_ESCAPES', {
        message: `The skeleton holds a link in place of ${parts
          .slice(0, count)
          .join('/')}.`,
      });
    }
  }
}
