import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

// node transpile.mjs <folder of the package @bytecodealliance/jco> <component> <output folder>
const [, , jco, component, output] = process.argv;
const { resolve } = createRequire(`${jco}/package.json`);
const { transpile } = await import(
  pathToFileURL(resolve('@bytecodealliance/jco-transpile')).href
);

try {
  const { files, imports, exports } = await transpile(component, {
    name: 'component',
    instantiation: 'sync',
    emitTypescriptDeclarations: false,
    base64Cutoff: 0,
  });
  await mkdir(output, { recursive: true });
  const digests = {};
  for (const [name, bytes] of Object.entries(files)) {
    await writeFile(join(output, basename(name)), bytes);
    digests[basename(name)] = createHash('sha256').update(bytes).digest('hex');
  }
  // Instances are told from functions by jco; aliases without a version are its own.
  await writeFile(
    join(output, 'component.json'),
    JSON.stringify({
      imports,
      exports: exports.map(([name]) => name),
      files: digests,
    }),
  );
} catch (error) {
  process.stderr.write(`${error?.message ?? String(error)}\n`);
  process.exitCode = 1;
}
