import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from './scriptedRegistry';

/** A layout that is written blob by blob, as right or wrong as the test wants. */
export function handmadeLayout(directory: string) {
  const blobs = join(directory, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  writeFileSync(
    join(directory, 'oci-layout'),
    '{"imageLayoutVersion":"1.0.0"}',
  );

  function blob(content: Buffer | string | object, mediaType: string) {
    const bytes = Buffer.isBuffer(content)
      ? content
      : Buffer.from(
          typeof content === 'string' ? content : JSON.stringify(content),
        );
    const digest = digestOf(bytes);
    writeFileSync(join(blobs, digest.slice(7)), bytes);
    return { mediaType, digest, size: bytes.length };
  }

  const manifest = (parts: {
    config?: object | string;
    configType?: string;
    layers: object[];
    annotations?: Record<string, string>;
  }) =>
    blob(
      {
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: blob(
          parts.config ?? {},
          parts.configType ?? 'application/vnd.oci.image.config.v1+json',
        ),
        layers: parts.layers,
        annotations: parts.annotations,
      },
      'application/vnd.oci.image.manifest.v1+json',
    );

  const index = (...manifests: object[]) =>
    blob(
      {
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.index.v1+json',
        manifests,
      },
      'application/vnd.oci.image.index.v1+json',
    );

  /** Makes it what the layout holds. */
  const name = (...entries: object[]) =>
    writeFileSync(
      join(directory, 'index.json'),
      JSON.stringify({ schemaVersion: 2, manifests: entries }),
    );

  return { blob, manifest, index, name, blobs };
}
