/* eslint-disable no-restricted-imports -- fixtures are in no build */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspectBytes } from '../../inspect';
import * as encode from '../../inspect/__testUtils__/encode';

/** Modules of all kinds that some format asks for, with content that was never pushed before. */
export const MODULES = {
  component: () =>
    encode.component(encode.custom('unique', [...randomBytes(2000)])),
  'proxy-wasm': () =>
    encode.coreModule(
      encode.coreTypes,
      encode.section(3, encode.list([[0]])),
      encode.coreExports('proxy_abi_version_0_2_1'),
      encode.section(10, encode.list([[2, 0, 0x0b]])),
      encode.custom('unique', [...randomBytes(2000)]),
    ),
  gojs: () =>
    encode.coreModule(
      encode.coreTypes,
      encode.coreImports(['gojs', 'runtime.wasmExit']),
      encode.custom('unique', [...randomBytes(2000)]),
    ),
};

/** Writes a module of a kind into a folder. */
export function writeKind(directory: string, kind: keyof typeof MODULES) {
  const bytes = Buffer.from(MODULES[kind]());
  const path = join(directory, 'hello.wasm');
  writeFileSync(path, bytes);
  return { path, bytes, inspection: inspectBytes(bytes) };
}
