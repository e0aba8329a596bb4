import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

// Set JCO to the path of jco's script where it is installed, which is quicker.
const jco = process.env.JCO
  ? [process.execPath, process.env.JCO]
  : ['npx', '--yes', '@bytecodealliance/jco@1.34.0'];

function assemble() {
  const folder = mkdtempSync(join(tmpdir(), 'module-'));
  try {
    const [command, ...args] = jco;
    const output = join(folder, 'core.wasm');
    execFileSync(command, [...args, 'parse', 'module.wat', '-o', output], {
      cwd: new URL('.', import.meta.url),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Stands in for the host: hands out numbers for resources and notes every call. */
async function handle() {
  const calls = [];
  let text = '';
  const note =
    (name, result) =>
    (...args) => {
      calls.push(name);
      return result?.(...args);
    };
  // A result in memory: 0 for ok, and the resource four bytes on.
  const give = resource => (_, address) =>
    new DataView(memory.buffer).setInt32(address + 4, resource, true);
  const { instance } = await WebAssembly.instantiate(assemble(), {
    'wasi:http/types@0.2.3': {
      '[constructor]fields': note('fields', () => 1),
      '[constructor]outgoing-response': note('response', () => 2),
      '[method]outgoing-response.body': note('body', give(3)),
      '[method]outgoing-body.write': note('stream', give(4)),
      '[static]outgoing-body.finish': note('finish'),
      '[static]response-outparam.set': note('set'),
      '[resource-drop]incoming-request': note('drop request'),
    },
    'wasi:io/streams@0.2.3': {
      '[method]output-stream.blocking-write-and-flush': note(
        'write',
        (_, address, length) => {
          text += new TextDecoder().decode(
            new Uint8Array(memory.buffer, address, length),
          );
        },
      ),
      '[resource-drop]output-stream': note('drop stream'),
    },
  });
  const { memory } = instance.exports;
  instance.exports['wasi:http/incoming-handler@0.2.3#handle'](5, 6);
  return { calls, text };
}

test('answers with its text, in the order that hosts ask for', async () => {
  assert.deepEqual(await handle(), {
    calls: [
      'fields',
      'response',
      'body',
      'set',
      'stream',
      'write',
      'drop stream',
      'finish',
      'drop request',
    ],
    text: 'Hello from WebAssembly text!\n',
  });
});
