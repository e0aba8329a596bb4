import { writeSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { answerBuffer } from './answerBuffer.mjs';
import { createAnswerChannel } from './answerChannel.mjs';
import { loadComponent } from './component.mjs';
import { createGuestImports, GuestExit } from './guestImports.mjs';
import { STATE } from './hostWorker.mjs';
import { createIncomingHttp } from './incomingHttp.mjs';

// node serve.mjs <folder of the package @bytecodealliance/jco> <own folder>
const [, , jco, folder] = process.argv;
const REPORTS = 3;
const worker = new URL('./hostWorker.mjs', import.meta.url);

const resolve = createRequire(`${jco}/package.json`).resolve;
const load = name => import(pathToFileURL(resolve(name)).href);
const shim = await load('@bytecodealliance/preview2-shim');
const filesystem = await load('@bytecodealliance/preview2-shim/filesystem');
const sockets = await load('@bytecodealliance/preview2-shim/sockets');
const io = await load('@bytecodealliance/preview2-shim/io-worker');
const call = (operation, ...args) => io.callExtension(worker, operation, args);

const { state, answers } = call('shared');
const channel = createAnswerChannel(answerBuffer(answers));
report({ type: 'started' });
// Blocks until the parent hands over a module: until then this is a warm spare.
const granted = call('configuration', folder);

// The shim ends the process on what it takes for a trap; a trap ends a request.
process.exit = code => {
  throw new GuestExit(code ?? 0);
};
syncBuiltinESMExports();

const http = createIncomingHttp({
  wasi: shim,
  channel,
  openBody,
  isCancelled: id => Atomics.load(state, STATE.cancelled) === id,
});
const { imports, useAddresses } = createGuestImports({
  wasi: { ...shim, filesystem, sockets },
  granted,
  stdin: { getStdin: () => io.inputStreamCreate(call('emptyInput')) },
  httpTypes: http.types,
  log: line => writeSync(2, `[WASM-RUNNER] ${line}\n`),
});
if (granted.memoryLimitBytes) {
  call('limitMemory', granted.memoryLimitBytes);
  // Only against a jump between two looks: the limit itself ends the process,
  // as it ends a pod, and is not seen by the guest.
  const pages = Math.ceil((2 * granted.memoryLimitBytes) / 65536);
  setFlagsFromString(`--wasm-max-mem-pages=${Math.min(pages, 65536)}`);
}

let instance;
let create;
try {
  create = await loadComponent(granted.component);
  instance = newInstance();
  report({ type: 'ready' });
} catch (error) {
  report({ type: 'failed', message: describe(error) });
  process.kill(process.pid, 'SIGKILL');
}

const names = granted.network.rules
  .filter(rule => rule.host.kind === 'name')
  .map(rule => rule.host.name);
for (;;) {
  const request = channel.nextRequest();
  if (!request) {
    process.kill(process.pid, 'SIGKILL');
  }
  Atomics.store(state, STATE.serving, 1);
  if (!Atomics.load(state, STATE.watched)) {
    call('watch');
  }
  if (names.length > 0) {
    useAddresses(call('resolveNames', names));
  }
  const outcome = serve(request);
  Atomics.store(state, STATE.serving, 0);
  channel.served(outcome);
  // Finalizers of what the guest forgot to drop run between requests only.
  await new Promise(setImmediate);
  // Made ahead: for a large guest this takes longer than most answers.
  instance = instanceAhead();
}

function openBody({ id, hasBody }) {
  if (!hasBody) {
    return io.inputStreamCreate(call('emptyInput'));
  }
  const stream = io.inputStreamCreate(call('openRequestBody', id));
  channel.openBody();
  return stream;
}

function serve(request) {
  try {
    // One instance a request, as in the real runner: a guest keeps no state.
    const fresh = instance ?? newInstance();
    instance = undefined;
    http.serve(request, fresh);
    return 'answered';
  } catch (error) {
    writeSync(2, `error serving client[${request.id}]: ${describe(error)}\n`);
    channel.fail('The module failed; its log tells why.');
    return 'failed';
  }
}

function instanceAhead() {
  try {
    return newInstance();
  } catch {
    // The next request tries again, and tells why it fails.
    return undefined;
  }
}

function newInstance() {
  const exports = create(imports);
  const handler =
    exports.incomingHandler ??
    Object.entries(exports).find(([name]) =>
      name.startsWith('wasi:http/incoming-handler@'),
    )?.[1];
  if (!handler) {
    throw new Error(
      'no exported instance named `wasi:http/incoming-handler@0.2`',
    );
  }
  return handler;
}

function report(message) {
  writeSync(REPORTS, `${JSON.stringify(message)}\n`);
}

function describe(error) {
  if (!(error instanceof Error)) {
    return `guest failed: ${JSON.stringify(error) ?? String(error)}`;
  }
  if (error instanceof GuestExit) {
    return error.message;
  }
  // The shim writes some traps in the runner's words already.
  const trap =
    error instanceof WebAssembly.RuntimeError &&
    !error.message.startsWith('wasm trap');
  const frames = (error.stack ?? '')
    .split('\n')
    .filter(line => line.includes('wasm://'))
    .slice(0, 10);
  return [`${trap ? 'wasm trap: ' : ''}${error.message}`, ...frames].join('\n');
}
