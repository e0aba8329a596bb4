import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { inspectModule } from '@wasi-functions/backstage-plugin-wasi-node';
import { resolveInWorkspace } from '../../workspace';
import { forUsers } from '../forUsers';
import * as inputs from '../inputs';
import { examples } from './createInspectAction.examples';

/**
 * Creates `wasi:module:inspect`: what a .wasm file is, read from its bytes.
 *
 * @public
 */
export function createInspectAction(options: { maxModuleBytes: number }) {
  return forUsers(
    createTemplateAction({
      id: 'wasi:module:inspect',
      description:
        'Reads a .wasm file: module or component, sizes, imports and exports, the capabilities it asks for. Fails where the file cannot serve HTTP on the runner, unless told otherwise.',
      examples,
      supportsDryRun: true,
      schema: {
        input: {
          modulePath: inputs.modulePath,
          requireHttp: z =>
            z
              .boolean()
              .default(true)
              .describe(
                'Fail unless the file is a component that exports wasi:http/incoming-handler. Default: true.',
              ),
        },
        output: {
          kind: z => z.enum(['component', 'module']),
          size: z => z.number().describe('Bytes'),
          gzipSize: z => z.number().describe('Bytes after gzip'),
          language: z =>
            z
              .string()
              .optional()
              .describe('Language it was written in, where the file tells'),
          toolchain: z =>
            z.string().optional().describe('What compiled it, e.g. Go 1.26.8'),
          digest: z => z.string().describe('sha256 of the file'),
          wasi: z => z.string().describe('WASI version, e.g. 0.2.3'),
          imports: z => z.array(z.string()),
          exports: z => z.array(z.string()),
          capabilities: z =>
            z
              .array(z.string())
              .describe('What the imports ask for, e.g. http-outgoing'),
        },
      },
      async handler(ctx) {
        const { modulePath, requireHttp } = ctx.input;
        const path = resolveInWorkspace(ctx.workspacePath, modulePath);
        if (ctx.isDryRun) {
          ctx.logger.info(
            `Dry run: ${modulePath} is not built, nothing to read.`,
          );
          return;
        }
        const inspection = await inspectModule(path, {
          maxBytes: options.maxModuleBytes,
          measureGzip: true,
        });
        const capabilities = inspection.capabilities.map(({ kind }) => kind);
        ctx.logger.info(
          `${modulePath}: ${inspection.kind}, WASI ${
            inspection.wasiVersion ?? inspection.wasi
          }, ${inspection.size} bytes (${inspection.gzipSize} gzip), ${
            inspection.toolchain ? `made by ${inspection.toolchain}, ` : ''
          }asks for ${capabilities.join(', ') || 'nothing'}.`,
        );
        if (requireHttp && inspection.kind !== 'component') {
          throw new WasiError('MODULE_IS_CORE', {
            message: `${modulePath} is a core module; the runner serves components only.`,
          });
        }
        if (requireHttp && inspection.entry !== 'http') {
          throw new WasiError('MODULE_NOT_HTTP', {
            message: `${modulePath} does not export wasi:http/incoming-handler; it exports ${
              inspection.exports.join(', ') || 'nothing'
            }.`,
          });
        }
        ctx.output('kind', inspection.kind);
        ctx.output('size', inspection.size);
        ctx.output('gzipSize', inspection.gzipSize!);
        ctx.output('language', inspection.language);
        ctx.output('toolchain', inspection.toolchain);
        ctx.output('digest', inspection.digest);
        ctx.output('wasi', inspection.wasiVersion ?? inspection.wasi);
        ctx.output('imports', inspection.imports);
        ctx.output('exports', inspection.exports);
        ctx.output('capabilities', capabilities);
      },
    }),
  );
}
