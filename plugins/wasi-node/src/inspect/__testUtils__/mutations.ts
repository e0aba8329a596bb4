import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import * as encode from './encode';

const require = createRequire(__filename);

/** A component with something of everything that is read. */
export const COMPONENT = Uint8Array.from(
  encode.component(
    encode.section(7, encode.list([[0x42, 0x00]])),
    encode.instanceImports('wasi:http/types@0.2.3', 'acme:db/sql'),
    encode.section(
      1,
      encode.coreModule(
        encode.coreTypes,
        encode.coreImports(['env', 'now'], ['wasi_snapshot_preview1', 'exit']),
        encode.coreExports('memory', '_start'),
        encode.section(10, encode.list([[0x02, 0x00, 0x0b]])),
        encode.producers({ language: [['C', '11']] }),
      ),
    ),
    encode.section(8, encode.list([[0x01, 0x00, 0x00, 0x01, 0x00]])),
    encode.section(4, encode.component(encode.custom('name', [1, 2, 3]))),
    encode.instanceExports('wasi:http/incoming-handler@0.2.3'),
    encode.producers({ 'processed-by': [['wit-component', '0.258.0']] }),
  ),
);

/** A core module that a compiler made and this package depends on. */
export async function compiledModule(): Promise<Uint8Array> {
  const folder = dirname(require.resolve('undici/package.json'));
  const source = await readFile(
    join(folder, 'lib/llhttp/llhttp-wasm.js'),
    'utf8',
  );
  const base64 = /'([A-Za-z0-9+/=]{1000,})'/.exec(source)?.[1] ?? '';
  return Buffer.from(base64, 'base64');
}

/** What lies about lengths and numbers, beside plain noise. */
const NOISE = [
  [0x00],
  [0x7f],
  [0x80],
  [0xff],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0x7f],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
  [0x00, 0x61, 0x73, 0x6d],
  [0xc0, 0x80],
];
const mutation = fc.record({
  at: fc.nat(0xffff),
  remove: fc.nat(3),
  insert: fc.oneof(
    fc.constantFrom(...NOISE),
    fc.array(fc.nat(255), { maxLength: 4 }),
  ),
});
/** Things to do to bytes. */
export const mutations = fc.record({
  changes: fc.array(mutation, { minLength: 1, maxLength: 5 }),
  cut: fc.option(fc.nat(0xffff), { nil: undefined, freq: 5 }),
});

export function mutate(
  whole: Uint8Array,
  {
    changes,
    cut,
  }: {
    changes: { at: number; remove: number; insert: number[] }[];
    cut?: number;
  },
): Uint8Array {
  let bytes = [...whole];
  for (const { at, remove, insert } of changes) {
    bytes.splice(at % (bytes.length + 1), remove, ...insert);
  }
  if (cut !== undefined) {
    bytes = bytes.slice(0, cut % (bytes.length + 1));
  }
  return Uint8Array.from(bytes);
}
