import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Set JCO to the path of jco's script where it is installed, which is quicker.
const jco = process.env.JCO
  ? [process.execPath, process.env.JCO]
  : ['npx', '--yes', '@bytecodealliance/jco@1.34.0'];

/** Assembles module.wat. */
export function assemble() {
  const folder = mkdtempSync(join(tmpdir(), 'module-'));
  try {
    const [command, ...args] = jco;
    const output = join(folder, 'core.wasm');
    execFileSync(command, [...args, 'parse', 'module.wat', '-o', output], {
      cwd: new URL('.', import.meta.url),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return new WebAssembly.Module(readFileSync(output));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const METHODS = 'GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH';

/** Sends one request to a new instance, in place of a host; there is no upstream. */
export function ask(
  module,
  { method = 'GET', path, body = '', env = {}, calls = [] },
) {
  const response = { status: 200, headers: {}, body: '' };
  const encoder = new TextEncoder();
  const unread = [encoder.encode(body)].filter(({ length }) => length > 0);

  const bytes = (at, length) => new Uint8Array(memory.buffer, at, length);
  const text = (at, length) => new TextDecoder().decode(bytes(at, length));
  const numbers = (at, ...values) =>
    values.forEach((value, index) =>
      new DataView(memory.buffer).setInt32(at + 4 * index, value, true),
    );
  const give = value => {
    const at = cabi_realloc(0, 0, 4, value.length);
    bytes(at, value.length).set(value);
    return [at, value.length];
  };
  const string = value => give(encoder.encode(value));

  const functions = {
    'get-environment': at => {
      const list = Object.entries(env).map(pair => pair.flatMap(string));
      const [start] = give(new Uint8Array(16 * list.length));
      numbers(start, ...list.flat());
      numbers(at, start, list.length);
    },
    '[method]incoming-request.method': (_, at) =>
      numbers(at, METHODS.split(' ').indexOf(method)),
    '[method]incoming-request.path-with-query': (_, at) =>
      numbers(at, 1, ...string(path)),
    '[method]fields.append': (_, ...field) => {
      response.headers[text(field[0], field[1])] = text(field[2], field[3]);
    },
    '[method]outgoing-response.set-status-code': (_, status) => {
      response.status = status;
      return 0;
    },
    '[method]input-stream.blocking-read': (_, most, at) =>
      unread.length > 0
        ? numbers(at, 0, ...give(unread.shift()))
        : numbers(at, 1, 1),
    '[method]output-stream.blocking-write-and-flush': (_, at, length) => {
      response.body += text(at, length);
    },
  };
  // A resource is any number here; where a result goes to memory, zeros say that all is well.
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = (...args) => {
      calls.push(name.replace(/^\[.*\]/, ''));
      return functions[name]?.(...args) ?? 0;
    };
  }
  const { memory, cabi_realloc, ...exported } = new WebAssembly.Instance(
    module,
    imports,
  ).exports;
  exported['wasi:http/incoming-handler@0.2.3#handle'](1, 2);
  return response;
}
