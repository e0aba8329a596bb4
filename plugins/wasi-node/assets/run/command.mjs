import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { loadComponent } from './component.mjs';
import { createGuestImports, GuestExit } from './guestImports.mjs';
import { runCoreCommand } from './coreCommand.mjs';

// node command.mjs <JSON of what the guest is granted>
const granted = JSON.parse(process.argv[2]);
new Worker(new URL('./parentWatch.mjs', import.meta.url)).unref();

try {
  process.exitCode = granted.component
    ? await runComponent()
    : runCoreCommand(readFileSync(granted.module), granted);
} catch (error) {
  if (error instanceof GuestExit) {
    process.exitCode = error.code;
  } else {
    const trap = error instanceof WebAssembly.RuntimeError ? 'wasm trap: ' : '';
    process.stderr.write(`${trap}${error?.message ?? String(error)}\n`);
    process.exitCode = 134;
  }
}

async function runComponent() {
  const { resolve } = createRequire(`${granted.jco}/package.json`);
  const load = name => import(pathToFileURL(resolve(name)).href);
  const shim = await load('@bytecodealliance/preview2-shim');
  const filesystem = await load('@bytecodealliance/preview2-shim/filesystem');
  const sockets = await load('@bytecodealliance/preview2-shim/sockets');
  const { imports } = createGuestImports({
    wasi: { ...shim, filesystem, sockets },
    granted,
    stdin: shim.cli.stdin,
    httpTypes: shim.http.types,
    log: line => process.stderr.write(`[WASM-RUNNER] ${line}\n`),
  });
  const create = await loadComponent(granted.component);
  const exports = create(imports);
  const command =
    exports.run ??
    Object.entries(exports).find(([name]) =>
      name.startsWith('wasi:cli/run@'),
    )?.[1];
  try {
    command.run();
    return 0;
  } catch (error) {
    if (error instanceof Error && !('payload' in error)) {
      throw error;
    }
    // `run` answered with its error case.
    return 1;
  }
}
