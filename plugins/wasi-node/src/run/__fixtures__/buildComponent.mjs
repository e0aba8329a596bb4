import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// node buildComponent.mjs <folder of the package @bytecodealliance/jco> <WAT file> <WIT world file> <output>
const [, , jco, wat, world, output] = process.argv;
const { resolve } = createRequire(`${jco}/package.json`);
const { parse, componentEmbed, componentNew } = await import(
  pathToFileURL(resolve('@bytecodealliance/jco-transpile/wasm-tools')).href
);
const wit = await mkdtemp(join(tmpdir(), 'wasi-wit-'));
try {
  await cp(join(jco, 'lib/wit/builtin/0.2.12'), join(wit, 'deps'), {
    recursive: true,
  });
  await cp(world, join(wit, 'world.wit'));
  const binary = await parse(await readFile(wat, 'utf8'));
  const embedded = await componentEmbed({
    binary,
    witPath: wit,
    worldName: 'function',
  });
  await writeFile(output, await componentNew(embedded, []));
} finally {
  await rm(wit, { recursive: true, force: true });
}
