import { readFileSync, writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { createGoImports } from './goImports.mjs';
import { createGoGlobals, GoFunction } from './goValues.mjs';

// node goFunction.mjs <JSON of { module, maxArrayBytes }>
// Runs a KRM function that was compiled with GOOS=js, as kpt does: the program sets
// two functions on its global object. Standard input is the first one's argument;
// what both answer goes to standard output, as JSON.
const ARGUMENTS_AT = 4096;

const { module: path, maxArrayBytes } = JSON.parse(process.argv[2]);
new Worker(new URL('./parentWatch.mjs', import.meta.url)).unref();

class Exited extends Error {}

// All of it is for the log; standard output is ours.
const write = bytes => writeAll(2, bytes);
const { globals, constructors } = createGoGlobals({ write, maxArrayBytes });
const guest = {};
const imports = createGoImports({
  globals,
  constructors,
  guest,
  write,
  exit(code) {
    throw new Exited(`The program ended with exit code ${code}`);
  },
});

try {
  const input = readFileSync(0, 'utf8');
  const module = new WebAssembly.Module(readFileSync(path));
  guest.exports = new WebAssembly.Instance(module, imports).exports;
  const [count, at] = writeArguments(guest.exports.mem, ['function']);
  guest.exports.run(count, at);
  const output = callGuest('processResourceList', input);
  const errors = callGuest('processResourceListErrors', input);
  writeAll(1, Buffer.from(JSON.stringify({ output, errors })));
  // The program waits for calls without end.
  process.exit(0);
} catch (error) {
  const trap = error instanceof WebAssembly.RuntimeError ? 'wasm trap: ' : '';
  process.stderr.write(`${trap}${error?.message ?? String(error)}\n`);
  process.exit(1);
}

/** The pipe takes as much as its reader has read. */
function writeAll(fd, bytes) {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') {
        throw error;
      }
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

function callGuest(name, input) {
  const called = globals.properties.get(name);
  if (!(called instanceof GoFunction)) {
    if (name === 'processResourceList') {
      throw new Error(
        'The program sets no function processResourceList on its global object',
      );
    }
    return '';
  }
  const answer = called.call(globals, [input]);
  return typeof answer === 'string' ? answer : undefined;
}

/** Where Go's linker leaves room for them: the strings, then pointers to them, then those of no environment. */
function writeArguments(memory, words) {
  const data = new DataView(memory.buffer);
  let at = ARGUMENTS_AT;
  const pointers = words.map(word => {
    const start = at;
    const bytes = Buffer.from(`${word}\0`);
    new Uint8Array(memory.buffer, at, bytes.length).set(bytes);
    at = Math.ceil((at + bytes.length) / 8) * 8;
    return start;
  });
  const table = at;
  for (const pointer of [...pointers, 0, 0]) {
    data.setBigUint64(at, BigInt(pointer), true);
    at += 8;
  }
  return [words.length, table];
}
