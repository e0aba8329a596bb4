/** What a guest may ask for, as the runner tells it apart. */
export type SocketUse =
  | 'tcpBind'
  | 'tcpConnect'
  | 'udpBind'
  | 'udpConnect'
  | 'udpOutgoing'
  | 'lookup';

/** World of {@link socketModule}. */
export const socketWorld = `package local:fn;
world function {
  import wasi:http/types@0.2.12;
  import wasi:sockets/instance-network@0.2.12;
  import wasi:sockets/ip-name-lookup@0.2.12;
  import wasi:sockets/tcp-create-socket@0.2.12;
  import wasi:sockets/tcp@0.2.12;
  import wasi:sockets/udp-create-socket@0.2.12;
  import wasi:sockets/udp@0.2.12;
  import wasi:io/streams@0.2.12;
  export wasi:http/incoming-handler@0.2.12;
}
`;

const ERROR_CODES = [
  'unknown',
  'access-denied',
  'not-supported',
  'invalid-argument',
  'out-of-memory',
  'timeout',
  'concurrency-conflict',
  'not-in-progress',
  'would-block',
  'invalid-state',
  'new-socket-limit',
  'address-not-bindable',
  'address-in-use',
  'remote-unreachable',
  'connection-refused',
  'connection-reset',
  'connection-aborted',
  'datagram-too-large',
  'name-unresolvable',
  'temporary-resolver-failure',
  'permanent-resolver-failure',
];

/** What the answer of {@link socketModule} says: `ok` or an error code. */
export function readAttempt(answer: string): string {
  return answer.startsWith('0')
    ? 'ok'
    : ERROR_CODES[answer.charCodeAt(1) - 'A'.charCodeAt(0)];
}

/** An HTTP module that tries one thing with 127.0.0.1 (or the name localhost) and answers how that went. */
export function socketModule(use: SocketUse, port: number): string {
  const address = `(i32.const 0) (i32.const ${port}) (i32.const 127) (i32.const 0) (i32.const 0) (i32.const 1)
    ${'(i32.const 0) '.repeat(6)}`;
  const wildcard = `(i32.const 0) (i32.const 0) (i32.const 127) (i32.const 0) (i32.const 0) (i32.const 1)
    ${'(i32.const 0) '.repeat(6)}`;
  const bound = `
    (call $udp_bind (local.get $socket) (local.get $network) ${wildcard} (i32.const 256))
    ${check(257)}
    (call $udp_finish_bind (local.get $socket) (i32.const 256))
    ${check(257)}`;
  const attempts: Record<SocketUse, string> = {
    tcpConnect: `(call $tcp_connect (local.get $socket) (local.get $network) ${address} (i32.const 256)) ${check(
      257,
    )}`,
    tcpBind: `(call $tcp_bind (local.get $socket) (local.get $network) ${address} (i32.const 256)) ${check(
      257,
    )}`,
    udpBind: `(call $udp_bind (local.get $socket) (local.get $network) ${address} (i32.const 256)) ${check(
      257,
    )}`,
    udpConnect: `${bound}
      (call $udp_stream (local.get $socket) (i32.const 1) ${address} (i32.const 256)) ${check(
      260,
    )}`,
    udpOutgoing: `${bound}
      (call $udp_stream (local.get $socket) (i32.const 0) ${wildcard} (i32.const 256)) ${check(
      260,
    )}
      (local.set $stream (i32.load (i32.const 264)))
      (call $check_send (local.get $stream) (i32.const 256)) ${check(264)}
      (i32.store (i32.const 512) (i32.const 1024))
      (i32.store (i32.const 516) (i32.const 1))
      (i32.store8 (i32.const 520) (i32.const 1))
      (i32.store8 (i32.const 524) (i32.const 0))
      (i32.store16 (i32.const 528) (i32.const ${port}))
      (i32.store (i32.const 530) (i32.const 0x0100007f))
      (call $send (local.get $stream) (i32.const 512) (i32.const 1) (i32.const 256)) ${check(
        264,
      )}`,
    lookup: `(call $resolve (local.get $network) (i32.const 1030) (i32.const 9) (i32.const 256)) ${check(
      260,
    )}`,
  };
  const create = use.startsWith('udp') ? '$create_udp' : '$create_tcp';
  const flat =
    '(param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)';
  return `(module
  (import "wasi:http/types@0.2.12" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.12" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-response.body" (func $response_body (param i32 i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-body.write" (func $write (param i32 i32)))
  (import "wasi:http/types@0.2.12" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.12" "[static]response-outparam.set" (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.12" "[method]output-stream.blocking-write-and-flush" (func $out (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.12" "[resource-drop]output-stream" (func $drop_stream (param i32)))
  (import "wasi:sockets/instance-network@0.2.12" "instance-network" (func $instance_network (result i32)))
  (import "wasi:sockets/ip-name-lookup@0.2.12" "resolve-addresses" (func $resolve (param i32 i32 i32 i32)))
  (import "wasi:sockets/tcp-create-socket@0.2.12" "create-tcp-socket" (func $create_tcp (param i32 i32)))
  (import "wasi:sockets/tcp@0.2.12" "[method]tcp-socket.start-connect" (func $tcp_connect ${flat}))
  (import "wasi:sockets/tcp@0.2.12" "[method]tcp-socket.start-bind" (func $tcp_bind ${flat}))
  (import "wasi:sockets/udp-create-socket@0.2.12" "create-udp-socket" (func $create_udp (param i32 i32)))
  (import "wasi:sockets/udp@0.2.12" "[method]udp-socket.start-bind" (func $udp_bind ${flat}))
  (import "wasi:sockets/udp@0.2.12" "[method]udp-socket.finish-bind" (func $udp_finish_bind (param i32 i32)))
  (import "wasi:sockets/udp@0.2.12" "[method]udp-socket.stream" (func $udp_stream ${flat}))
  (import "wasi:sockets/udp@0.2.12" "[method]outgoing-datagram-stream.check-send" (func $check_send (param i32 i32)))
  (import "wasi:sockets/udp@0.2.12" "[method]outgoing-datagram-stream.send" (func $send (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "x")
  (data (i32.const 1030) "localhost")
  (global $top (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.set $top (i32.add (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)) (local.get 3)))
    (i32.sub (global.get $top) (local.get 3)))
  (func $attempt (local $network i32) (local $socket i32) (local $stream i32)
    (i32.store16 (i32.const 64) (i32.const 0x4130))
    (local.set $network (call $instance_network))
    (call ${create} (i32.const 0) (i32.const 256))
    ${check(260)}
    (local.set $socket (i32.load (i32.const 260)))
    ${attempts[use]})
  (func (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $outparam i32)
    (local $answer i32) (local $body i32) (local $stream i32)
    (call $attempt)
    (local.set $answer (call $response (call $fields)))
    (call $response_body (local.get $answer) (i32.const 16))
    (local.set $body (i32.load (i32.const 20)))
    (call $set (local.get $outparam) (i32.const 0) (local.get $answer) (i32.const 0) (i64.const 0)
               (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (call $write (local.get $body) (i32.const 16))
    (local.set $stream (i32.load (i32.const 20)))
    (call $out (local.get $stream) (i32.const 64) (i32.const 2) (i32.const 16))
    (call $drop_stream (local.get $stream))
    (call $finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 128))))`;
}

/** Ends the attempt where the result at 256 is an error, whose code is at \`code\`. */
function check(code: number): string {
  return `(if (i32.load8_u (i32.const 256)) (then
      (i32.store8 (i32.const 64) (i32.const 49))
      (i32.store8 (i32.const 65) (i32.add (i32.const 65) (i32.load8_u (i32.const ${code}))))
      (return)))`;
}
