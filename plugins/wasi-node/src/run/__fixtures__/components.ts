import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { prepareWit } from '../../build/prepareWit';

const run = promisify(execFile);

/* eslint-disable no-restricted-syntax -- fixtures are in no build */

/** Folder of the jco package, where this machine has it. */
export const jcoDirectory = [
  process.env.WASI_TOOLCHAINS_DIRECTORY,
  resolve(__dirname, '../../../../../.toolchains'),
]
  .filter((root): root is string => root !== undefined)
  .map(root => join(root, 'jco/node_modules/@bytecodealliance/jco'))
  .find(directory => existsSync(directory));

/** What engines take as the place of jco. */
export const jco = async () =>
  jcoDirectory ? { directory: jcoDirectory, version: '1.34.0' } : undefined;

const HTTP_WORLD = `package local:fn;
world function {
  import wasi:http/types@0.2.12;
  import wasi:cli/environment@0.2.12;
  import wasi:cli/stdout@0.2.12;
  import wasi:cli/exit@0.2.12;
  import wasi:io/streams@0.2.12;
  export wasi:http/incoming-handler@0.2.12;
}
`;

const COMMAND_WORLD = `package local:fn;
world function {
  import wasi:cli/environment@0.2.12;
  import wasi:cli/stdout@0.2.12;
  import wasi:io/streams@0.2.12;
  export wasi:cli/run@0.2.12;
}
`;

/** Builds one component from the fields of its core module, and tells its digest. */
export async function buildComponent(
  directory: string,
  name: string,
  options: { wat: string; world?: string },
): Promise<{ path: string; digest: string }> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${name}.wasm`);
  const wat = join(directory, `${name}.wat`);
  const world = join(directory, `${name}.wit`);
  await writeFile(wat, options.wat);
  await writeFile(world, options.world ?? HTTP_WORLD);
  await run(process.execPath, [
    join(__dirname, 'buildComponent.mjs'),
    jcoDirectory!,
    wat,
    world,
    path,
  ]);
  const hash = createHash('sha256').update(await readFile(path));
  return { path, digest: `sha256:${hash.digest('hex')}` };
}

/** Builds an HTTP component from JavaScript, and tells its path. */
export async function buildFunction(
  directory: string,
  options: { source: string; imports: string[] },
): Promise<string> {
  const wit = await prepareWit({
    jco: (await jco())!,
    place: { bring: async folder => folder },
    folder: join(directory, 'wit'),
    imports: options.imports,
  });
  const source = join(directory, 'handler.js');
  const path = join(directory, 'handler.wasm');
  await writeFile(source, options.source);
  await run(process.execPath, [
    join(jcoDirectory!, 'dist/jco.js'),
    'componentize',
    source,
    '-w',
    wit,
    '-n',
    'function',
    '-o',
    path,
  ]);
  return path;
}

/**
 * A handler that answers 200 with what `body` writes through `$print ptr len`.
 * `before` runs first of all; both may use `$scratch`.
 */
export function httpModule(options: {
  before?: string;
  body?: string;
  data?: string;
}): string {
  return `(module
  (import "wasi:http/types@0.2.12" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.12" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-response.body" (func $response_body (param i32 i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-body.write" (func $write (param i32 i32)))
  (import "wasi:http/types@0.2.12" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.12" "[static]response-outparam.set" (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.12" "[resource-drop]incoming-request" (func $drop_request (param i32)))
  (import "wasi:io/streams@0.2.12" "[method]output-stream.blocking-write-and-flush" (func $out (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.12" "[resource-drop]output-stream" (func $drop_stream (param i32)))
  (import "wasi:cli/environment@0.2.12" "get-environment" (func $environment (param i32)))
  (import "wasi:cli/environment@0.2.12" "get-arguments" (func $arguments (param i32)))
  (import "wasi:cli/stdout@0.2.12" "get-stdout" (func $stdout (result i32)))
  (import "wasi:cli/exit@0.2.12" "exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "${options.data ?? 'hello\\n'}")
  (data (i32.const 2048) "=")
  (data (i32.const 2049) "\\n")
  (global $top (mut i32) (i32.const 4096))
  (global $stream (mut i32) (i32.const 0))
  (global $count (mut i32) (i32.const 0))
  (func $print (param $from i32) (param $length i32)
    (call $out (global.get $stream) (local.get $from) (local.get $length) (i32.const 64)))
  (func $log (param $from i32) (param $length i32) (local $stream i32)
    (local.set $stream (call $stdout))
    (call $out (local.get $stream) (local.get $from) (local.get $length) (i32.const 64))
    (call $drop_stream (local.get $stream)))
  (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1)))
                            (i32.sub (i32.const 0) (local.get $align))))
    (global.set $top (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  (func (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $outparam i32)
    (local $answer i32) (local $body i32) (local $scratch i32) (local $end i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    ${options.before ?? ''}
    (local.set $answer (call $response (call $fields)))
    (call $response_body (local.get $answer) (i32.const 16))
    (local.set $body (i32.load (i32.const 20)))
    (call $set (local.get $outparam) (i32.const 0) (local.get $answer) (i32.const 0) (i64.const 0)
               (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (call $write (local.get $body) (i32.const 16))
    (global.set $stream (i32.load (i32.const 20)))
    ${options.body ?? '(call $print (i32.const 1024) (i32.const 6))'}
    (call $drop_stream (global.get $stream))
    (call $finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 128))
    (call $drop_request (local.get $request))))`;
}

/** Writes every NAME=value and every argument, a line each. */
export const echoGrants = `
    (call $environment (i32.const 32))
    (local.set $scratch (i32.load (i32.const 32)))
    (local.set $end (i32.add (local.get $scratch) (i32.mul (i32.load (i32.const 36)) (i32.const 16))))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $scratch) (local.get $end)))
      (call $print (i32.load (local.get $scratch)) (i32.load offset=4 (local.get $scratch)))
      (call $print (i32.const 2048) (i32.const 1))
      (call $print (i32.load offset=8 (local.get $scratch)) (i32.load offset=12 (local.get $scratch)))
      (call $print (i32.const 2049) (i32.const 1))
      (local.set $scratch (i32.add (local.get $scratch) (i32.const 16)))
      (br $next)))
    (call $arguments (i32.const 32))
    (local.set $scratch (i32.load (i32.const 32)))
    (local.set $end (i32.add (local.get $scratch) (i32.mul (i32.load (i32.const 36)) (i32.const 8))))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $scratch) (local.get $end)))
      (call $print (i32.load (local.get $scratch)) (i32.load offset=4 (local.get $scratch)))
      (call $print (i32.const 2049) (i32.const 1))
      (local.set $scratch (i32.add (local.get $scratch) (i32.const 8)))
      (br $next)))`;

/** Grows and touches memory without end. */
export const growForEver = `
    (loop $more
      (local.set $scratch (memory.grow (i32.const 256)))
      (if (i32.eq (local.get $scratch) (i32.const -1)) (then unreachable))
      (memory.fill (i32.mul (local.get $scratch) (i32.const 65536)) (i32.const 1) (i32.const 16777216))
      (br $more))`;

/** A command that prints its first argument and ends with \`exitCode\`. */
export const commandModule = `(module
  (import "wasi:cli/environment@0.2.12" "get-arguments" (func $arguments (param i32)))
  (import "wasi:cli/environment@0.2.12" "get-environment" (func $environment (param i32)))
  (import "wasi:cli/stdout@0.2.12" "get-stdout" (func $stdout (result i32)))
  (import "wasi:io/streams@0.2.12" "[method]output-stream.blocking-write-and-flush" (func $out (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.12" "[resource-drop]output-stream" (func $drop_stream (param i32)))
  (memory (export "memory") 1)
  (global $top (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
    (global.set $top (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  (func (export "wasi:cli/run@0.2.12#run") (result i32) (local $stream i32)
    (call $arguments (i32.const 32))
    (local.set $stream (call $stdout))
    (call $out (local.get $stream) (i32.load (i32.load (i32.const 32))) (i32.load offset=4 (i32.load (i32.const 32))) (i32.const 64))
    (call $drop_stream (local.get $stream))
    (i32.const 0)))`;

/** World of {@link commandModule}. */
export const commandWorld = COMMAND_WORLD;

const CORE_BODIES = {
  /** Copies stdin to stdout and exits with 3. */
  echo: `
    (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 1000))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.store (i32.const 4) (i32.load (i32.const 8)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $exit (i32.const 3))`,
  /** Opens the path that is its standard input, following links; exits with the errno that stopped it. */
  open: `
    (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 1000))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $exit (call $open (i32.const 3) (i32.const 1) (i32.const 1024) (i32.load (i32.const 8))
      (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 16)))`,
  /** Exits with 1 where it gets no 32 MiB. */
  grow: `
    (call $exit (i32.eq (memory.grow (i32.const 512)) (i32.const -1)))`,
  loop: '(loop $for_ever (br $for_ever))',
  flood: `
    (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 1000))
    (loop $for_ever
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (br $for_ever))`,
  /** Writes the file \`new\` in the first directory; exits with the errno that stopped it. */
  write: openAndWrite(1),
  /** The same, but opens an existing file. */
  overwrite: openAndWrite(0),
};

/** Assembles a WASI 0.1 command, and tells its path. */
export async function coreCommand(
  directory: string,
  body: keyof typeof CORE_BODIES,
): Promise<string> {
  const wat = join(directory, `core-${body}.wat`);
  const path = join(directory, `core-${body}.wasm`);
  await writeFile(
    wat,
    `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 512) "newwritten")
  (func (export "_start") (local $errno i32)
    ${CORE_BODIES[body]}))`,
  );
  await run(process.execPath, [
    join(__dirname, 'assemble.mjs'),
    jcoDirectory!,
    wat,
    path,
  ]);
  return path;
}

function openAndWrite(oflags: number): string {
  return `
    (local.set $errno (call $open (i32.const 3) (i32.const 0) (i32.const 512) (i32.const 3)
      (i32.const ${oflags}) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 16)))
    (if (local.get $errno) (then (call $exit (local.get $errno))))
    (i32.store (i32.const 0) (i32.const 515)) (i32.store (i32.const 4) (i32.const 7))
    (call $exit (call $write (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 8)))`;
}
