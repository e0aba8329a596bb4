import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// node assemble.mjs <folder of the package @bytecodealliance/jco> <WAT file> <output>
const [, , jco, wat, output] = process.argv;
const { resolve } = createRequire(`${jco}/package.json`);
const { parse } = await import(
  pathToFileURL(resolve('@bytecodealliance/jco-transpile/wasm-tools')).href
);
await writeFile(output, await parse(await readFile(wat, 'utf8')));
