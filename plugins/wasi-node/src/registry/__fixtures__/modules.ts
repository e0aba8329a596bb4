import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModuleInspection } from '@wasi-functions/backstage-plugin-wasi-common';
import type { RegistryConfig, WasiConfig } from '../../config';
import { digestOf } from './scriptedRegistry';

export interface ModuleOnDisk {
  directory: string;
  path: string;
  bytes: Buffer;
  inspection: ModuleInspection;
  /** Writes a file beside the module. */
  write(name: string, document: unknown): string;
  remove(): void;
}

/** A file that passes for a component, with content that nobody pushed before. */
export function writeModule(size = 200_000): ModuleOnDisk {
  const directory = mkdtempSync(join(tmpdir(), 'wasi-registry-'));
  const path = join(directory, 'hello.wasm');
  const bytes = Buffer.concat([
    Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]),
    randomBytes(size - 8),
  ]);
  writeFileSync(path, bytes);
  return {
    directory,
    path,
    bytes,
    inspection: {
      kind: 'component',
      wasi: '0.2',
      wasiVersion: '0.2.3',
      size: bytes.length,
      gzipSize: bytes.length,
      digest: digestOf(bytes),
      sections: [],
      imports: ['wasi:io/streams@0.2.3', 'wasi:http/types@0.2.3'],
      exports: ['wasi:http/incoming-handler@0.2.3'],
      producers: [],
      capabilities: [],
      entry: 'http',
    },
    write: (name, document) => {
      const file = join(directory, name);
      writeFileSync(file, JSON.stringify(document));
      return file;
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** A configuration with nothing but registries, which speak plain HTTP. */
export function configWith(
  registries: (Partial<RegistryConfig> & { host: string })[],
  dockerConfig?: string,
): WasiConfig {
  return {
    registries: registries.map(registry => ({ insecure: true, ...registry })),
    dockerConfig,
    toolchains: { directory: '/nowhere', paths: {} },
    build: { timeoutMs: 1, maxOutputBytes: 1, maxModuleBytes: 1 },
    prebuilt: { allowedHosts: [] },
    invoke: { timeoutMs: 1 },
  };
}
