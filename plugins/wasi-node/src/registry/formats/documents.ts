import { createHash } from 'node:crypto';
import type { Blob } from '../blobs';
import type { FormatInput } from './types';

/** JSON as it is pushed, and its digest. */
export interface JsonDocument {
  bytes: Buffer;
  digest: string;
}

/** Serialises a config or manifest; its digest is over exactly these bytes. */
export function toDocument(value: unknown): JsonDocument {
  const bytes = Buffer.from(JSON.stringify(value), 'utf8');
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { bytes, digest };
}

/** A document as a blob. */
export function blobOf({ bytes, digest }: JsonDocument): Blob {
  return { digest, size: bytes.length, content: () => bytes };
}

/** The module's file as a blob. */
export function moduleBlob({ file, content }: FormatInput): Blob {
  return { digest: file.digest, size: file.size, content };
}

/** Annotations in one order, so that equal ones give an equal digest. */
export function annotationsOf(
  annotations: Record<string, string>,
  created: Date,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries({
      'org.opencontainers.image.created': created.toISOString(),
      ...annotations,
    }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
