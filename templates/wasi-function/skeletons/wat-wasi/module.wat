;; An HTTP function in WebAssembly text. Begin reading at $handle, at the end.
;;
;; A component is made of this core module. Its imports and its export follow the
;; canonical ABI of the interfaces in wit/:
;;
;; - A resource, such as a request, is a number that the host gave.
;; - A string is two numbers: its address in memory, and its length in bytes.
;; - A result that does not fit in one number is written to memory, at an address
;;   that the caller passes last. Here that is $result always, and it is read at once.
;;   Its first byte tells which case it is; for `result`, 0 is ok.
(module
  ;; --- what the host does for us -------------------------------------------

  (import "wasi:cli/environment@0.2.3" "get-environment"
    (func $get_environment (param $result i32)))

  (import "wasi:http/types@0.2.3" "[method]incoming-request.method"
    (func $request_method (param $request i32) (param $result i32)))
  (import "wasi:http/types@0.2.3" "[method]incoming-request.path-with-query"
    (func $request_path (param $request i32) (param $result i32)))
  (import "wasi:http/types@0.2.3" "[method]incoming-request.consume"
    (func $request_body (param $request i32) (param $result i32)))
  (import "wasi:http/types@0.2.3" "[method]incoming-body.stream"
    (func $body_stream (param $body i32) (param $result i32)))

  (import "wasi:http/types@0.2.3" "[constructor]fields"
    (func $new_fields (result i32)))
  (import "wasi:http/types@0.2.3" "[method]fields.append"
    (func $append_field (param $fields i32)
      (param $name i32) (param $name_length i32)
      (param $value i32) (param $value_length i32) (param $result i32)))

  (import "wasi:http/types@0.2.3" "[constructor]outgoing-response"
    (func $new_response (param $headers i32) (result i32)))
  (import "wasi:http/types@0.2.3" "[method]outgoing-response.set-status-code"
    (func $set_status (param $response i32) (param $status i32) (result i32)))
  (import "wasi:http/types@0.2.3" "[method]outgoing-response.body"
    (func $response_body (param $response i32) (param $result i32)))
  (import "wasi:http/types@0.2.3" "[method]outgoing-body.write"
    (func $body_write (param $body i32) (param $result i32)))
  (import "wasi:http/types@0.2.3" "[static]outgoing-body.finish"
    (func $body_finish (param $body i32)
      (param $has_trailers i32) (param $trailers i32) (param $result i32)))
  (import "wasi:http/types@0.2.3" "[static]response-outparam.set"
    (func $set_response (param $out i32) (param $is_error i32) (param $response i32)
      (param i32) (param i64) (param i32) (param i32) (param i32) (param i32)))

  (import "wasi:http/types@0.2.3" "[constructor]outgoing-request"
    (func $new_request (param $headers i32) (result i32)))
  (import "wasi:http/types@0.2.3" "[method]outgoing-request.set-scheme"
    (func $set_scheme (param $request i32)
      (param $is_some i32) (param $scheme i32) (param i32) (param i32) (result i32)))
  (import "wasi:http/types@0.2.3" "[method]outgoing-request.set-authority"
    (func $set_authority (param $request i32)
      (param $is_some i32) (param $text i32) (param $length i32) (result i32)))
  (import "wasi:http/types@0.2.3" "[method]outgoing-request.set-path-with-query"
    (func $set_path (param $request i32)
      (param $is_some i32) (param $text i32) (param $length i32) (result i32)))
  (import "wasi:http/outgoing-handler@0.2.3" "handle"
    (func $send (param $request i32)
      (param $has_options i32) (param $options i32) (param $result i32)))
  (import "wasi:http/types@0.2.3" "[method]future-incoming-response.subscribe"
    (func $future_subscribe (param $future i32) (result i32)))
  (import "wasi:http/types@0.2.3" "[method]future-incoming-response.get"
    (func $future_get (param $future i32) (param $result i32)))
  (import "wasi:http/types@0.2.3" "[method]incoming-response.status"
    (func $response_status (param $response i32) (result i32)))
  (import "wasi:http/types@0.2.3" "[method]incoming-response.consume"
    (func $incoming_response_body (param $response i32) (param $result i32)))

  (import "wasi:io/poll@0.2.3" "[method]pollable.block"
    (func $wait (param $pollable i32)))
  (import "wasi:io/poll@0.2.3" "[resource-drop]pollable"
    (func $drop_pollable (param $pollable i32)))
  (import "wasi:io/streams@0.2.3" "[method]input-stream.blocking-read"
    (func $stream_read (param $stream i32) (param $most i64) (param $result i32)))
  (import "wasi:io/streams@0.2.3" "[resource-drop]input-stream"
    (func $drop_input (param $stream i32)))
  (import "wasi:io/streams@0.2.3" "[method]output-stream.blocking-write-and-flush"
    (func $stream_write (param $stream i32)
      (param $text i32) (param $length i32) (param $result i32)))
  (import "wasi:io/streams@0.2.3" "[resource-drop]output-stream"
    (func $drop_output (param $stream i32)))

  ;; --- memory --------------------------------------------------------------
  ;;
  ;;    0 to  255   $result: what the host answers
  ;;  256 to 1023   the texts below, each ended by a zero byte
  ;; 1024 and up    strings and lists that the host hands over, see cabi_realloc

  (memory (export "memory") 2)

  (global $result i32 (i32.const 0))

  ;; Eight bytes each, in the order of the variant `method` in wit/.
  (global $methods i32 (i32.const 256))
  (data (i32.const 256)
    "GET\00\00\00\00\00" "HEAD\00\00\00\00" "POST\00\00\00\00" "PUT\00\00\00\00\00"
    "DELETE\00\00" "CONNECT\00" "OPTIONS\00" "TRACE\00\00\00" "PATCH\00\00\00")
  (global $GET i32 (i32.const 0))
  (global $other_method i32 (i32.const 9))

  (global $path_root i32 (i32.const 352))
  (data (i32.const 352) "/\00")
  (global $path_echo i32 (i32.const 356))
  (data (i32.const 356) "/echo\00")
  (global $path_upstream i32 (i32.const 364))
  (data (i32.const 364) "/upstream\00")

  (global $content_type i32 (i32.const 384))
  (data (i32.const 384) "content-type\00")
  (global $plain_text i32 (i32.const 400))
  (data (i32.const 400) "text/plain; charset=utf-8\00")

  (global $greeting_variable i32 (i32.const 432))
  (data (i32.const 432) "GREETING\00")
  (global $upstream_variable i32 (i32.const 448))
  (data (i32.const 448) "UPSTREAM_URL\00")

  (global $name_parameter i32 (i32.const 464))
  (data (i32.const 464) "name=\00")
  (global $hello i32 (i32.const 472))
  (data (i32.const 472) "Hello\00")
  (global $comma i32 (i32.const 480))
  (data (i32.const 480) ", \00")
  (global $world i32 (i32.const 484))
  (data (i32.const 484) "world\00")
  (global $end_of_greeting i32 (i32.const 492))
  (data (i32.const 492) "!\n\00")
  (global $newline i32 (i32.const 496))
  (data (i32.const 496) "\n\00")

  (global $echo_method i32 (i32.const 512))
  (data (i32.const 512) "method: \00")
  (global $echo_path i32 (i32.const 528))
  (data (i32.const 528) "\npath: \00")
  (global $echo_query i32 (i32.const 544))
  (data (i32.const 544) "\nquery: \00")
  (global $echo_body i32 (i32.const 560))
  (data (i32.const 560) "\nbody: \00")

  (global $http i32 (i32.const 576))
  (data (i32.const 576) "http://\00")
  (global $https i32 (i32.const 592))
  (data (i32.const 592) "https://\00")
  (global $upstream_status i32 (i32.const 608))
  (data (i32.const 608) "upstream: \00")
  (global $upstream_failed i32 (i32.const 624))
  (data (i32.const 624) "upstream failed\n\00")
  (global $upstream_not_set i32 (i32.const 656))
  (data (i32.const 656) "UPSTREAM_URL is not set\n\00")
  (global $not_found i32 (i32.const 688))
  (data (i32.const 688) "Not found\n\00")

  (global $next_free (mut i32) (i32.const 1024))

  ;; The host asks for memory here, for what it hands over. Nothing is given back:
  ;; every request meets a fresh instance.
  (func $allocate (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $start i32)
    (local.set $start
      (i32.and
        (i32.add (global.get $next_free) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (global.set $next_free (i32.add (local.get $start) (local.get $size)))
    (block $enough
      (loop $grow
        ;; A page has 64 KiB.
        (br_if $enough
          (i32.le_u (global.get $next_free) (i32.shl (memory.size) (i32.const 16))))
        (br_if $grow (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))
        unreachable))
    (local.get $start))

  ;; --- text ----------------------------------------------------------------

  (func $length_of (param $text i32) (result i32)
    (local $end i32)
    (local.set $end (local.get $text))
    (block $ended
      (loop $next
        (br_if $ended (i32.eqz (i32.load8_u (local.get $end))))
        (local.set $end (i32.add (local.get $end) (i32.const 1)))
        (br $next)))
    (i32.sub (local.get $end) (local.get $text)))

  (func $starts_with (param $text i32) (param $length i32) (param $start i32) (result i32)
    (local $start_length i32)
    (local $index i32)
    (local.set $start_length (call $length_of (local.get $start)))
    (if (i32.lt_u (local.get $length) (local.get $start_length))
      (then (return (i32.const 0))))
    (block $compared
      (loop $next
        (br_if $compared (i32.eq (local.get $index) (local.get $start_length)))
        (if (i32.ne
              (i32.load8_u (i32.add (local.get $text) (local.get $index)))
              (i32.load8_u (i32.add (local.get $start) (local.get $index))))
          (then (return (i32.const 0))))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (br $next)))
    (i32.const 1))

  (func $equals (param $text i32) (param $length i32) (param $other i32) (result i32)
    (i32.and
      (i32.eq (local.get $length) (call $length_of (local.get $other)))
      (call $starts_with (local.get $text) (local.get $length) (local.get $other))))

  ;; Position of a character, or the length of the text where it has none.
  (func $find (param $text i32) (param $length i32) (param $character i32) (result i32)
    (local $index i32)
    (block $found
      (loop $next
        (br_if $found (i32.eq (local.get $index) (local.get $length)))
        (br_if $found
          (i32.eq
            (i32.load8_u (i32.add (local.get $text) (local.get $index)))
            (local.get $character)))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (br $next)))
    (local.get $index))

  ;; Value of a hexadecimal digit, or -1.
  (func $digit (param $character i32) (result i32)
    (if (i32.le_u (i32.sub (local.get $character) (i32.const 0x30)) (i32.const 9))
      (then (return (i32.sub (local.get $character) (i32.const 0x30)))))
    ;; Lower case and upper case differ by one bit.
    (local.set $character (i32.or (local.get $character) (i32.const 0x20)))
    (if (i32.le_u (i32.sub (local.get $character) (i32.const 0x61)) (i32.const 5))
      (then (return (i32.sub (local.get $character) (i32.const 0x57)))))
    (i32.const -1))

  ;; Decodes %41 to A, in place; what is no encoding stays. Returns the new length.
  (func $percent_decode (param $text i32) (param $length i32) (result i32)
    (local $from i32)
    (local $to i32)
    (local $byte i32)
    (local $value i32)
    (block $decoded
      (loop $next
        (br_if $decoded (i32.ge_u (local.get $from) (local.get $length)))
        (local.set $byte (i32.load8_u (i32.add (local.get $text) (local.get $from))))
        (if (i32.and
              (i32.eq (local.get $byte) (i32.const 0x25))
              (i32.lt_u (i32.add (local.get $from) (i32.const 2)) (local.get $length)))
          (then
            (local.set $value
              (i32.or
                (i32.shl
                  (call $digit
                    (i32.load8_u offset=1 (i32.add (local.get $text) (local.get $from))))
                  (i32.const 4))
                (call $digit
                  (i32.load8_u offset=2 (i32.add (local.get $text) (local.get $from))))))
            ;; Negative where one of the two is no digit.
            (if (i32.ge_s (local.get $value) (i32.const 0))
              (then
                (local.set $byte (local.get $value))
                (local.set $from (i32.add (local.get $from) (i32.const 2)))))))
        (i32.store8 (i32.add (local.get $text) (local.get $to)) (local.get $byte))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (br $next)))
    (local.get $to))

  ;; --- environment ---------------------------------------------------------

  ;; Address and length of a variable's value; a length of 0 where it is not set.
  (func $variable (param $name i32) (result i32 i32)
    (local $entry i32)
    (local $end i32)
    (call $get_environment (global.get $result))
    ;; A list of pairs of strings: four numbers for each variable.
    (local.set $entry (i32.load (global.get $result)))
    (local.set $end
      (i32.add
        (local.get $entry)
        (i32.shl (i32.load offset=4 (global.get $result)) (i32.const 4))))
    (block $absent
      (loop $next
        (br_if $absent (i32.eq (local.get $entry) (local.get $end)))
        (if (call $equals
              (i32.load (local.get $entry))
              (i32.load offset=4 (local.get $entry))
              (local.get $name))
          (then
            (return
              (i32.load offset=8 (local.get $entry))
              (i32.load offset=12 (local.get $entry)))))
        (local.set $entry (i32.add (local.get $entry) (i32.const 16)))
        (br $next)))
    (i32.const 0)
    (i32.const 0))

  ;; --- the response --------------------------------------------------------

  (global $out (mut i32) (i32.const 0))
  (global $out_body (mut i32) (i32.const 0))
  (global $out_stream (mut i32) (i32.const 0))

  ;; The response is handed over first and written to afterwards.
  (func $begin (param $status i32)
    (local $headers i32)
    (local $response i32)
    (local.set $headers (call $new_fields))
    (call $append_field (local.get $headers)
      (global.get $content_type) (call $length_of (global.get $content_type))
      (global.get $plain_text) (call $length_of (global.get $plain_text))
      (global.get $result))
    (local.set $response (call $new_response (local.get $headers)))
    (drop (call $set_status (local.get $response) (local.get $status)))
    (call $response_body (local.get $response) (global.get $result))
    (global.set $out_body (i32.load offset=4 (global.get $result)))
    (call $set_response (global.get $out) (i32.const 0) (local.get $response)
      (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (call $body_write (global.get $out_body) (global.get $result))
    (global.set $out_stream (i32.load offset=4 (global.get $result))))

  ;; The host takes 4096 bytes at once. It may refuse them when the caller is gone,
  ;; who then misses nothing.
  (func $write (param $text i32) (param $length i32)
    (local $part i32)
    (block $written
      (loop $next
        (br_if $written (i32.eqz (local.get $length)))
        (local.set $part
          (select (local.get $length) (i32.const 4096)
            (i32.lt_u (local.get $length) (i32.const 4096))))
        (call $stream_write (global.get $out_stream)
          (local.get $text) (local.get $part) (global.get $result))
        (local.set $text (i32.add (local.get $text) (local.get $part)))
        (local.set $length (i32.sub (local.get $length) (local.get $part)))
        (br $next))))

  (func $write_text (param $text i32)
    (call $write (local.get $text) (call $length_of (local.get $text))))

  ;; The stream goes before the body: the host traps where a parent goes before its child.
  (func $end
    (call $drop_output (global.get $out_stream))
    (call $body_finish (global.get $out_body) (i32.const 0) (i32.const 0) (global.get $result)))

  (func $answer (param $status i32) (param $text i32)
    (call $begin (local.get $status))
    (call $write_text (local.get $text))
    (call $end))

  ;; Writes what an incoming body holds, piece by piece.
  (func $pass_on (param $body i32)
    (local $stream i32)
    (local $free i32)
    (call $body_stream (local.get $body) (global.get $result))
    (local.set $stream (i32.load offset=4 (global.get $result)))
    (local.set $free (global.get $next_free))
    (block $ended
      (loop $next
        (call $stream_read (local.get $stream) (i64.const 65536) (global.get $result))
        (br_if $ended (i32.load8_u (global.get $result)))
        (call $write
          (i32.load offset=4 (global.get $result))
          (i32.load offset=8 (global.get $result)))
        ;; The piece is written: its memory serves for the next one.
        (global.set $next_free (local.get $free))
        (br $next)))
    (call $drop_input (local.get $stream)))

  ;; --- the function --------------------------------------------------------

  (global $request (mut i32) (i32.const 0))
  (global $method (mut i32) (i32.const 0))
  (global $method_text (mut i32) (i32.const 0))
  (global $method_length (mut i32) (i32.const 0))
  (global $path (mut i32) (i32.const 0))
  (global $path_length (mut i32) (i32.const 0))
  (global $query (mut i32) (i32.const 0))
  (global $query_length (mut i32) (i32.const 0))

  (func $read_request
    (local $length i32)
    (call $request_method (global.get $request) (global.get $result))
    (global.set $method (i32.load8_u (global.get $result)))
    (if (i32.eq (global.get $method) (global.get $other_method))
      (then
        (global.set $method_text (i32.load offset=4 (global.get $result)))
        (global.set $method_length (i32.load offset=8 (global.get $result))))
      (else
        (global.set $method_text
          (i32.add (global.get $methods) (i32.shl (global.get $method) (i32.const 3))))
        (global.set $method_length (call $length_of (global.get $method_text)))))

    (call $request_path (global.get $request) (global.get $result))
    (if (i32.load8_u (global.get $result))
      (then
        (global.set $path (i32.load offset=4 (global.get $result)))
        (local.set $length (i32.load offset=8 (global.get $result)))))
    (global.set $path_length
      (call $find (global.get $path) (local.get $length) (i32.const 0x3f)))
    (if (i32.lt_u (global.get $path_length) (local.get $length))
      (then
        (global.set $query
          (i32.add (i32.add (global.get $path) (global.get $path_length)) (i32.const 1)))
        (global.set $query_length
          (i32.sub (i32.sub (local.get $length) (global.get $path_length)) (i32.const 1))))))

  ;; Address and length of what follows name= in the query, or of "world".
  (func $name (result i32 i32)
    (local $part i32)
    (local $left i32)
    (local $length i32)
    (local.set $part (global.get $query))
    (local.set $left (global.get $query_length))
    (loop $next
      (local.set $length
        (call $find (local.get $part) (local.get $left) (i32.const 0x26)))
      (if (call $starts_with (local.get $part) (local.get $length) (global.get $name_parameter))
        (then
          (local.set $part (i32.add (local.get $part) (i32.const 5)))
          (return
            (local.get $part)
            (call $percent_decode
              (local.get $part) (i32.sub (local.get $length) (i32.const 5))))))
      (if (i32.lt_u (local.get $length) (local.get $left))
        (then
          (local.set $length (i32.add (local.get $length) (i32.const 1)))
          (local.set $part (i32.add (local.get $part) (local.get $length)))
          (local.set $left (i32.sub (local.get $left) (local.get $length)))
          (br $next))))
    (global.get $world)
    (call $length_of (global.get $world)))

  (func $greet
    (local $greeting i32)
    (local $length i32)
    (call $variable (global.get $greeting_variable))
    (local.set $length)
    (local.set $greeting)
    (call $begin (i32.const 200))
    (if (local.get $length)
      (then (call $write (local.get $greeting) (local.get $length)))
      (else (call $write_text (global.get $hello))))
    (call $write_text (global.get $comma))
    (call $write (call $name))
    (call $write_text (global.get $end_of_greeting))
    (call $end))

  (func $echo
    (call $begin (i32.const 200))
    (call $write_text (global.get $echo_method))
    (call $write (global.get $method_text) (global.get $method_length))
    (call $write_text (global.get $echo_path))
    (call $write (global.get $path) (global.get $path_length))
    (call $write_text (global.get $echo_query))
    (call $write (global.get $query) (global.get $query_length))
    (call $write_text (global.get $echo_body))
    (call $request_body (global.get $request) (global.get $result))
    (call $pass_on (i32.load offset=4 (global.get $result)))
    (call $write_text (global.get $newline))
    (call $end))

  ;; Sends a GET request and waits for its response; -1 where none came.
  (func $fetch (param $url i32) (param $length i32) (result i32)
    (local $request i32)
    (local $scheme i32)
    (local $scheme_length i32)
    (local $authority_length i32)
    (local $refused i32)
    (local $future i32)
    (local $pollable i32)
    ;; In the order of the variant `scheme` in wit/: 0 is HTTP, 1 is HTTPS.
    (local.set $scheme
      (call $starts_with (local.get $url) (local.get $length) (global.get $https)))
    (local.set $scheme_length
      (call $length_of
        (select (global.get $https) (global.get $http) (local.get $scheme))))
    (if (i32.eqz
          (i32.or
            (local.get $scheme)
            (call $starts_with (local.get $url) (local.get $length) (global.get $http))))
      (then (return (i32.const -1))))
    (local.set $url (i32.add (local.get $url) (local.get $scheme_length)))
    (local.set $length (i32.sub (local.get $length) (local.get $scheme_length)))
    (local.set $authority_length
      (call $find (local.get $url) (local.get $length) (i32.const 0x2f)))

    (local.set $request (call $new_request (call $new_fields)))
    (local.set $refused
      (i32.or
        (call $set_scheme (local.get $request)
          (i32.const 1) (local.get $scheme) (i32.const 0) (i32.const 0))
        (call $set_authority (local.get $request)
          (i32.const 1) (local.get $url) (local.get $authority_length))))
    (local.set $refused
      (i32.or
        (local.get $refused)
        (if (result i32) (i32.lt_u (local.get $authority_length) (local.get $length))
          (then
            (call $set_path (local.get $request)
              (i32.const 1)
              (i32.add (local.get $url) (local.get $authority_length))
              (i32.sub (local.get $length) (local.get $authority_length))))
          (else
            (call $set_path (local.get $request)
              (i32.const 1) (global.get $path_root) (i32.const 1))))))
    (if (local.get $refused)
      (then (return (i32.const -1))))

    (call $send (local.get $request) (i32.const 0) (i32.const 0) (global.get $result))
    (if (i32.load8_u (global.get $result))
      (then (return (i32.const -1))))
    (local.set $future (i32.load offset=8 (global.get $result)))
    (local.set $pollable (call $future_subscribe (local.get $future)))
    (call $wait (local.get $pollable))
    (call $drop_pollable (local.get $pollable))
    ;; An option of a result of a result; each begins eight bytes after the one around it.
    (call $future_get (local.get $future) (global.get $result))
    (if (i32.or
          (i32.load8_u offset=8 (global.get $result))
          (i32.load8_u offset=16 (global.get $result)))
      (then (return (i32.const -1))))
    (i32.load offset=24 (global.get $result)))

  ;; Writes a number of three digits, as statuses are.
  (func $write_status (param $status i32)
    (local $text i32)
    (local.set $text
      (call $allocate (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 3)))
    (i32.store8 (local.get $text)
      (i32.add (i32.const 0x30) (i32.div_u (local.get $status) (i32.const 100))))
    (i32.store8 offset=1 (local.get $text)
      (i32.add (i32.const 0x30)
        (i32.rem_u (i32.div_u (local.get $status) (i32.const 10)) (i32.const 10))))
    (i32.store8 offset=2 (local.get $text)
      (i32.add (i32.const 0x30) (i32.rem_u (local.get $status) (i32.const 10))))
    (call $write (local.get $text) (i32.const 3)))

  (func $call_upstream
    (local $url i32)
    (local $length i32)
    (local $response i32)
    (call $variable (global.get $upstream_variable))
    (local.set $length)
    (local.set $url)
    (if (i32.eqz (local.get $length))
      (then
        (call $answer (i32.const 503) (global.get $upstream_not_set))
        (return)))
    (local.set $response (call $fetch (local.get $url) (local.get $length)))
    (if (i32.eq (local.get $response) (i32.const -1))
      (then
        (call $answer (i32.const 502) (global.get $upstream_failed))
        (return)))
    (call $begin (i32.const 200))
    (call $write_text (global.get $upstream_status))
    (call $write_status (call $response_status (local.get $response)))
    (call $write_text (global.get $newline))
    (call $incoming_response_body (local.get $response) (global.get $result))
    (call $pass_on (i32.load offset=4 (global.get $result)))
    (call $end))

  (func $path_is (param $text i32) (result i32)
    (call $equals (global.get $path) (global.get $path_length) (local.get $text)))

  ;; Called by the host, once for each request.
  (func $handle (export "wasi:http/incoming-handler@0.2.3#handle")
    (param $incoming i32) (param $response_out i32)
    (global.set $request (local.get $incoming))
    (global.set $out (local.get $response_out))
    (call $read_request)
    (if (call $path_is (global.get $path_echo))
      (then
        (call $echo)
        (return)))
    (if (i32.eq (global.get $method) (global.get $GET))
      (then
        (if (call $path_is (global.get $path_root))
          (then
            (call $greet)
            (return)))
        (if (call $path_is (global.get $path_upstream))
          (then
            (call $call_upstream)
            (return)))))
    (call $answer (i32.const 404) (global.get $not_found)))
)
