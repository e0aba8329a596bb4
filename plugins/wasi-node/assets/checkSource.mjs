/**
 * Parses a JavaScript or TypeScript file and all that it imports by path:
 *
 *   node checkSource.mjs <folder of @bytecodealliance/jco> <workspace> <entry> <result.json>
 *
 * The result is `{ problems: [{ kind, file, message, line, column }] }`, files
 * relative to the workspace, positions one-based; `kind` is `syntax`, `missing`
 * or `escape`. Nothing is run, and nothing outside the workspace is read.
 */
import { readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAX_FILES = 2000;
const MAX_PROBLEMS = 50;
const CODE = ['.js', '.mjs', '.cjs', '.jsx', '.ts', '.mts', '.cts', '.tsx'];

const [jco, workspaceArgument, entryArgument, resultPath] =
  process.argv.slice(2);
const workspace = await realpath(workspaceArgument);
// jco's bundler brings a TypeScript whose parser is JavaScript; the one named `typescript` is native.
const typescript = createRequire(join(jco, 'package.json'))(
  'typescript-compiler-api',
);

const problems = [];
const queue = [await realpath(entryArgument)];
const seen = new Set(queue);
for (const file of queue) {
  await checkFile(file);
}
await writeFile(
  resultPath,
  JSON.stringify({ problems: problems.slice(0, MAX_PROBLEMS) }),
);

async function checkFile(file) {
  const text = await readFile(file, 'utf8');
  const source = typescript.createSourceFile(
    file,
    text,
    typescript.ScriptTarget.Latest,
    true,
  );
  for (const { start, messageText } of source.parseDiagnostics) {
    report(
      'syntax',
      source,
      start,
      typescript.flattenDiagnosticMessageText(messageText, ' '),
    );
  }
  for (const { fileName, pos } of typescript.preProcessFile(text, true, true)
    .importedFiles) {
    await follow(fileName, source, pos);
  }
}

async function follow(specifier, source, position) {
  let target;
  if (specifier.startsWith('file:')) {
    target = fileURLToPath(specifier);
  } else if (/^(?:\.{0,2}\/|\.{1,2}$)/.test(specifier)) {
    target = resolve(dirname(source.fileName), specifier);
  } else {
    // A package, or an interface of the world.
    return;
  }
  const found = await find(target.replace(/[?#].*$/, ''));
  if (found && found !== workspace && !found.startsWith(workspace + sep)) {
    report('escape', source, position, `'${specifier}' leaves the workspace`);
  } else if (!found && !inside(target)) {
    report('escape', source, position, `'${specifier}' leaves the workspace`);
  } else if (!found) {
    report('missing', source, position, `'${specifier}' does not exist`);
  } else if (
    CODE.includes(extname(found)) &&
    !seen.has(found) &&
    seen.size < MAX_FILES
  ) {
    seen.add(found);
    queue.push(found);
  }
}

function inside(path) {
  return path === workspace || path.startsWith(workspace + sep);
}

/** The real path of what a bundler takes for this one. */
async function find(path) {
  const stem = path.slice(0, path.length - extname(path).length);
  const candidates = [
    path,
    ...CODE.map(extension => path + extension),
    // TypeScript is imported by the name of the JavaScript that it becomes.
    ...CODE.map(extension => stem + extension),
    ...CODE.map(extension => join(path, `index${extension}`)),
  ];
  for (const candidate of candidates) {
    try {
      const real = await realpath(candidate);
      if ((await stat(real)).isFile()) {
        return real;
      }
    } catch {
      // There is none of this name.
    }
  }
  return undefined;
}

function report(kind, source, position, message) {
  const { line, character } = source.getLineAndCharacterOfPosition(position);
  problems.push({
    kind,
    file: relative(workspace, source.fileName),
    message,
    line: line + 1,
    column: character + 1,
  });
}
