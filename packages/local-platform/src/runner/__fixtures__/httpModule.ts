const BODIES = {
  /** What is in the data segment. */
  data: '(call $print (i32.const 1024) (global.get $length))',
  /** Every NAME=value and every argument, a line each. */
  environment: `
    (call $environment (i32.const 32))
    (local.set $at (i32.load (i32.const 32)))
    (local.set $end (i32.add (local.get $at) (i32.mul (i32.load (i32.const 36)) (i32.const 16))))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
      (call $print (i32.load (local.get $at)) (i32.load offset=4 (local.get $at)))
      (call $print (i32.const 2048) (i32.const 1))
      (call $print (i32.load offset=8 (local.get $at)) (i32.load offset=12 (local.get $at)))
      (call $print (i32.const 2049) (i32.const 1))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br $next)))
    (call $arguments (i32.const 32))
    (local.set $at (i32.load (i32.const 32)))
    (local.set $end (i32.add (local.get $at) (i32.mul (i32.load (i32.const 36)) (i32.const 8))))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
      (call $print (i32.load (local.get $at)) (i32.load offset=4 (local.get $at)))
      (call $print (i32.const 2049) (i32.const 1))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br $next)))`,
  /** 16 MiB. */
  large: `
    (loop $more
      (call $print (i32.const 0) (i32.const 4096))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $more (i32.lt_u (local.get $at) (i32.const 4096))))`,
  /** Takes memory without end. */
  grow: `
    (loop $more
      (local.set $at (memory.grow (i32.const 256)))
      (if (i32.eq (local.get $at) (i32.const -1)) (then unreachable))
      (memory.fill (i32.mul (local.get $at) (i32.const 65536)) (i32.const 1) (i32.const 16777216))
      (br $more))`,
};

/** Text of an HTTP module that answers 200; escapes in `data` and `print` are WAT's, `\n` the only one. */
export function httpModule(options: {
  body?: keyof typeof BODIES;
  data?: string;
  /** Written to stdout by every request. */
  print?: string;
}): string {
  const data = options.data ?? 'hello\\n';
  const length = (text: string) => text.replace(/\\n/g, '.').length;
  const print = options.print ?? '';
  return `(module
  (import "wasi:http/types@0.2.3" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.3" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
  (import "wasi:http/types@0.2.3" "[method]outgoing-response.body" (func $response_body (param i32 i32)))
  (import "wasi:http/types@0.2.3" "[method]outgoing-body.write" (func $write (param i32 i32)))
  (import "wasi:http/types@0.2.3" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.3" "[static]response-outparam.set" (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.3" "[resource-drop]incoming-request" (func $drop_request (param i32)))
  (import "wasi:io/streams@0.2.3" "[method]output-stream.blocking-write-and-flush" (func $out (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.3" "[resource-drop]output-stream" (func $drop_stream (param i32)))
  (import "wasi:cli/environment@0.2.3" "get-environment" (func $environment (param i32)))
  (import "wasi:cli/environment@0.2.3" "get-arguments" (func $arguments (param i32)))
  (import "wasi:cli/stdout@0.2.3" "get-stdout" (func $stdout (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "${data}")
  (data (i32.const 1536) "${print}")
  (data (i32.const 2048) "=\\n")
  (global $length i32 (i32.const ${length(data)}))
  (global $top (mut i32) (i32.const 4096))
  (global $stream (mut i32) (i32.const 0))
  (func $print (param $from i32) (param $length i32)
    (call $out (global.get $stream) (local.get $from) (local.get $length) (i32.const 64)))
  (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1)))
                            (i32.sub (i32.const 0) (local.get $align))))
    (global.set $top (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  (func (export "wasi:http/incoming-handler@0.2.3#handle") (param $request i32) (param $outparam i32)
    (local $answer i32) (local $body i32) (local $at i32) (local $end i32)
    (if (i32.const ${length(print)}) (then
      (local.set $at (call $stdout))
      (call $out (local.get $at) (i32.const 1536) (i32.const ${length(
        print,
      )}) (i32.const 64))
      (call $drop_stream (local.get $at))))
    (local.set $answer (call $response (call $fields)))
    (call $response_body (local.get $answer) (i32.const 16))
    (local.set $body (i32.load (i32.const 20)))
    (call $set (local.get $outparam) (i32.const 0) (local.get $answer) (i32.const 0) (i64.const 0)
               (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (call $write (local.get $body) (i32.const 16))
    (global.set $stream (i32.load (i32.const 20)))
    ${BODIES[options.body ?? 'data']}
    (call $drop_stream (global.get $stream))
    (call $finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 128))
    (call $drop_request (local.get $request))))`;
}
