import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModuleInspection } from '@wasi-functions/backstage-plugin-wasi-common';

const COMPONENT = Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]);

/** A file with the head of a component and content that no registry has. */
export function writeLargeModule(
  path: string,
  bytes: number,
): ModuleInspection {
  const content = Buffer.concat([
    COMPONENT,
    randomBytes(bytes - COMPONENT.length),
  ]);
  writeFileSync(path, content);
  return {
    kind: 'component',
    wasi: '0.2',
    wasiVersion: '0.2.3',
    size: bytes,
    gzipSize: bytes,
    digest: digestOf(content),
    sections: [],
    imports: [],
    exports: ['wasi:http/incoming-handler@0.2.3'],
    producers: [],
    capabilities: [],
    entry: 'http',
  };
}

/** The OCI layout that a client like skopeo copies a module from. */
export async function writeLayout(
  directory: string,
  module: Buffer,
): Promise<void> {
  const blobs = join(directory, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  const add = async (mediaType: string, content: Buffer) => {
    const digest = digestOf(content);
    await writeFile(join(blobs, digest.slice('sha256:'.length)), content);
    return { mediaType, digest, size: content.length };
  };
  const config = await add(
    'application/vnd.wasm.config.v0+json',
    json({
      architecture: 'wasm',
      os: 'wasip2',
      created: '2026-01-01T00:00:00Z',
    }),
  );
  const layer = await add('application/wasm', module);
  const manifest = await add(
    'application/vnd.oci.image.manifest.v1+json',
    json({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config,
      layers: [layer],
    }),
  );
  await writeFile(
    join(directory, 'oci-layout'),
    json({ imageLayoutVersion: '1.0.0' }),
  );
  await writeFile(
    join(directory, 'index.json'),
    json({ schemaVersion: 2, manifests: [manifest] }),
  );
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

function json(document: object): Buffer {
  return Buffer.from(JSON.stringify(document));
}
