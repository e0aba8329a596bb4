/**
 * Runs one function of jco's wasm-tools in a process of its own:
 *
 *   node wasmTools.mjs <folder of @bytecodealliance/jco> <request.json> <result.json>
 *
 * The request is `{ command: 'parse', input, output }` or
 * `{ command: 'componentize', input, output, carriesWorld, wit?, world?, adapter? }`; the result
 * `{ ok: true }` or `{ ok: false, message, line?, column? }` with one-based positions.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [jco, requestPath, resultPath] = process.argv.slice(2);
const request = JSON.parse(await readFile(requestPath, 'utf8'));

// Not the package's root: that loads a native binding which nothing here needs.
const tools = await import(
  pathToFileURL(
    createRequire(join(jco, 'package.json')).resolve(
      '@bytecodealliance/jco-transpile/wasm-tools',
    ),
  ).href
);

const commands = {
  async parse() {
    return tools.parse(await readFile(request.input, 'utf8'));
  },
  async componentize() {
    const module = await readFile(request.input);
    const adapters = request.adapter
      ? [
          [
            'wasi_snapshot_preview1',
            await readFile(
              join(jco, 'lib', 'wasi_snapshot_preview1.reactor.wasm'),
            ),
          ],
        ]
      : [];
    if (request.carriesWorld) {
      try {
        return await tools.componentNew(module, adapters);
      } catch (error) {
        // It may be the world of its C library, which knows nothing of what the module imports.
        if (!request.wit) {
          throw error;
        }
      }
    }
    const embedded = await tools.componentEmbed({
      binary: module,
      witPath: request.wit,
      world: request.world,
    });
    return tools.componentNew(embedded, adapters);
  },
};

let result;
try {
  await writeFile(request.output, await commands[request.command]());
  result = { ok: true };
} catch (error) {
  result = { ok: false, ...explain(String(error?.message ?? error)) };
}
await writeFile(resultPath, JSON.stringify(result));

/** Errors of the parser arrive as the debug text of a Rust value, positions zero-based. */
function explain(text) {
  const position = /\bline: (\d+), col: (\d+)/.exec(text);
  const kind = /\bkind: Custom\("((?:[^"\\]|\\.)*)"\)/.exec(text);
  const lexer = /\bkind: (?:Lex\()?([A-Za-z]+)/.exec(
    text.replace(/^.*?span:/s, ''),
  );
  if (!position) {
    return { message: text };
  }
  return {
    message: kind
      ? kind[1].replace(/\\(.)/g, '$1')
      : words(lexer?.[1] ?? 'syntax error'),
    line: Number(position[1]) + 1,
    column: Number(position[2]) + 1,
  };
}

/** `UnexpectedEof` → `unexpected eof`. */
function words(name) {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}
