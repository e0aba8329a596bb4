/** The smallest component there is: a preamble and nothing in it. */
export const EMPTY_COMPONENT = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00,
]);

const HTTP_HANDLER = 'wasi:http/incoming-handler@0.2.3';

/** A component that exports what answers HTTP, with nothing behind it. */
export const HTTP_COMPONENT = new Uint8Array([
  ...EMPTY_COMPONENT,
  // The section of exports, with one instance in it.
  ...[0x0b, HTTP_HANDLER.length + 6, 0x01, 0x00, HTTP_HANDLER.length],
  ...new TextEncoder().encode(HTTP_HANDLER),
  ...[0x05, 0x00, 0x00],
]);

/** The smallest core module. */
export const EMPTY_CORE_MODULE = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
]);

export const FUNC_YAML = `specVersion: 0.36.0
name: hello
runtime: js-wasi
registry: registry.example.com/functions
deploy:
  namespace: team-a
`;
