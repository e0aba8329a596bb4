;; Answers every request with one line of text.
;;
;; A component is made of this core module: its imports and its export follow the
;; canonical ABI of wasi:http, where a resource is a number.
(module
  (import "wasi:http/types@0.2.3" "[constructor]fields"
    (func $new_fields (result i32)))
  (import "wasi:http/types@0.2.3" "[constructor]outgoing-response"
    (func $new_response (param $headers i32) (result i32)))
  (import "wasi:http/types@0.2.3" "[method]outgoing-response.body"
    (func $response_body (param $response i32) (param $result i32)))
  (import "wasi:http/types@0.2.3" "[method]outgoing-body.write"
    (func $body_write (param $body i32) (param $result i32)))
  (import "wasi:http/types@0.2.3" "[static]outgoing-body.finish"
    (func $body_finish (param $body i32) (param $has_trailers i32) (param $trailers i32) (param $result i32)))
  (import "wasi:http/types@0.2.3" "[static]response-outparam.set"
    (func $set_response (param $out i32) (param $is_error i32) (param $response i32)
      (param i32) (param i64) (param i32) (param i32) (param i32) (param i32)))
  (import "wasi:http/types@0.2.3" "[resource-drop]incoming-request"
    (func $drop_request (param $request i32)))
  (import "wasi:io/streams@0.2.3" "[method]output-stream.blocking-write-and-flush"
    (func $stream_write (param $stream i32) (param $text i32) (param $length i32) (param $result i32)))
  (import "wasi:io/streams@0.2.3" "[resource-drop]output-stream"
    (func $drop_stream (param $stream i32)))

  (memory (export "memory") 1)

  ;; 0 to 1023: results that the host writes. 1024: the text. From 4096: what the host asks for.
  (data (i32.const 1024) "Hello from WebAssembly text!\n")
  (global $text i32 (i32.const 1024))
  (global $text_length i32 (i32.const 29))
  (global $next_free (mut i32) (i32.const 4096))

  ;; The host asks for memory here; it is all free again at the next request.
  (func (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $start i32)
    (local.set $start
      (i32.and
        (i32.add (global.get $next_free) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (global.set $next_free (i32.add (local.get $start) (local.get $size)))
    (if (i32.gt_u (global.get $next_free) (i32.const 65536))
      (then unreachable))
    (local.get $start))

  ;; The order matters: set the response before writing, drop the stream before the body ends.
  (func (export "wasi:http/incoming-handler@0.2.3#handle") (param $request i32) (param $out i32)
    (local $response i32)
    (local $body i32)
    (local $stream i32)
    (global.set $next_free (i32.const 4096))

    (local.set $response (call $new_response (call $new_fields)))
    (call $response_body (local.get $response) (i32.const 16))
    (local.set $body (i32.load (i32.const 20)))
    (call $set_response (local.get $out) (i32.const 0) (local.get $response)
      (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))

    (call $body_write (local.get $body) (i32.const 16))
    (local.set $stream (i32.load (i32.const 20)))
    (call $stream_write (local.get $stream) (global.get $text) (global.get $text_length) (i32.const 16))
    (call $drop_stream (local.get $stream))
    (call $body_finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 64))
    (call $drop_request (local.get $request)))
)
