import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HTTP_COMPONENT } from './buildTester';

/**
 * Installs a tool in jco's place that runs the source as a program of Node,
 * with the rights of a real tool: what it does, it does for real. The program
 * calls `succeed()` to leave a module.
 */
export async function writeScriptedJco(
  toolchains: string,
  version = '1.34.0',
): Promise<void> {
  const modules = join(toolchains, 'jco', 'node_modules');
  const jco = join(modules, '@bytecodealliance', 'jco');
  const typescript = join(modules, 'typescript-compiler-api');
  for (const folder of [join(jco, 'dist'), join(modules, '.bin'), typescript]) {
    await mkdir(folder, { recursive: true });
  }
  await writeFile(
    join(jco, 'package.json'),
    JSON.stringify({ name: '@bytecodealliance/jco', version }),
  );
  await writeFile(join(jco, 'component.wasm'), HTTP_COMPONENT);
  await writeFile(
    join(jco, 'dist', 'jco.js'),
    `const [command, source] = process.argv.slice(2);
     if (command === '--version') {
       console.log('${version}');
     } else {
       const fs = require('node:fs');
       const output = process.argv[process.argv.indexOf('-o') + 1];
       const succeed = () =>
         fs.copyFileSync(${JSON.stringify(
           join(jco, 'component.wasm'),
         )}, output);
       new Function('require', 'process', 'succeed', fs.readFileSync(source, 'utf8'))(
         require, process, succeed);
     }`,
  );
  await symlink(join(jco, 'dist', 'jco.js'), join(modules, '.bin', 'jco'));
  await writeFile(
    join(typescript, 'package.json'),
    JSON.stringify({ name: 'typescript-compiler-api', main: 'index.js' }),
  );
  await writeFile(
    join(typescript, 'index.js'),
    `exports.ScriptTarget = { Latest: 99 };
     exports.createSourceFile = () => ({ parseDiagnostics: [] });
     exports.preProcessFile = () => ({ importedFiles: [] });`,
  );
}
