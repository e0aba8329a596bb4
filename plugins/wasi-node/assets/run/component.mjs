import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Node has no stack switching, and jco's glue catches the error of calling what
// is not there. V8 reads the whole glue again to word that error: most of the
// time that an instance took. This answers what the glue takes instead.
WebAssembly.promising ??= call => call;

/** Compiles a transpiled component once; the answer makes one fresh instance a call. */
export async function loadComponent(directory) {
  const { instantiate } = await import(
    pathToFileURL(join(directory, 'component.js')).href
  );
  const modules = new Map();
  const coreModule = path => {
    if (!modules.has(path)) {
      modules.set(
        path,
        new WebAssembly.Module(readFileSync(join(directory, path))),
      );
    }
    return modules.get(path);
  };
  return imports => instantiate(coreModule, imports);
}
