import { relative } from 'node:path';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import type { CommandBuilder } from '@wasi-functions/backstage-plugin-wasi-node';
import { requireFolder } from '../../workspace';
import { forUsers } from '../forUsers';
import { examples } from './createCommandBuildAction.examples';

/**
 * Creates `wasi:command:build`: sources in the workspace become a module that runs as a program.
 *
 * @public
 */
export function createCommandBuildAction(options: { builder: CommandBuilder }) {
  return forUsers(
    createTemplateAction({
      id: 'wasi:command:build',
      description:
        'Compiles a program in C, C++, Rust, Go or WebAssembly text to a module that runs on its own: a WASI command, a KRM function, a tool. For functions that answer HTTP there is wasi:module:build.',
      examples,
      supportsDryRun: true,
      schema: {
        input: {
          path: z =>
            z
              .string()
              .default('.')
              .describe(
                'Folder in the workspace that holds the sources. Default: the workspace itself.',
              ),
          language: z =>
            z
              .enum(['c', 'cpp', 'rust', 'go', 'wat'])
              .describe('What it is written in.'),
          target: z =>
            z
              .enum(['wasip1', 'wasip2', 'js', 'emscripten', 'emscripten-js'])
              .default('wasip1')
              .describe(
                'What it becomes. wasip1: a WASI 0.1 command, of any language; wasip2: a WASI 0.2 component, of Rust; js: a Go program for JavaScript hosts, as kpt runs it; emscripten: C or C++ that stands alone; emscripten-js: C or C++ with a module.js that runs it in Node. Default: wasip1.',
              ),
          source: z =>
            z
              .string()
              .optional()
              .describe(
                'Source file, or package of Go such as ./cmd/app, below the folder. Default: main.c, main.cpp, Cargo.toml, module.wat, or the package of the folder itself.',
              ),
          output: z =>
            z
              .string()
              .default('module.wasm')
              .describe(
                'Where the module goes, below the folder. Default: module.wasm.',
              ),
        },
        output: {
          modulePath: z =>
            z.string().describe('Path of the .wasm file in the workspace'),
          hostPath: z =>
            z
              .string()
              .optional()
              .describe('Of emscripten-js, path of the JavaScript beside it'),
          size: z => z.number().describe('Size of the .wasm file in bytes'),
          tools: z =>
            z
              .record(z.string())
              .describe('Versions of the tools that built it, by name'),
        },
      },
      async handler(ctx) {
        const { path, language, target, source, output } = ctx.input;
        if (ctx.isDryRun) {
          ctx.logger.info(
            `Dry run: ${language} in ${path} is not built for ${target}.`,
          );
          ctx.output('modulePath', output);
          ctx.output('size', 0);
          ctx.output('tools', {});
          return;
        }
        const directory = await requireFolder(ctx.workspacePath, path);
        const built = await options.builder.build({
          directory,
          language,
          target,
          source,
          output,
          signal: ctx.signal,
          log: line => ctx.logger.info(line),
        });
        const name = relative(ctx.workspacePath, built.path);
        ctx.logger.info(`Built ${name}: ${built.size} bytes.`);
        ctx.output('modulePath', name);
        if (built.hostPath) {
          ctx.output('hostPath', relative(ctx.workspacePath, built.hostPath));
        }
        ctx.output('size', built.size);
        ctx.output('tools', built.tools);
      },
    }),
  );
}
