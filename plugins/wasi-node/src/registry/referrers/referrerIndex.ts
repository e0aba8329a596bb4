import { z } from 'zod';
import { parseJson } from '../parseJson';
import { emptyBlob } from './referrerManifest';
import type { Referrer } from './types';

const maxAnnotations = 100;

const entrySchema = z.looseObject({
  mediaType: z.string().max(255).optional(),
  digest: z.string().regex(/^sha256:[a-f0-9]{64}$/),
  size: z.number().int().nonnegative(),
  artifactType: z.string().max(255).nullish(),
  annotations: z
    .record(z.string(), z.unknown())
    .refine(entries => Object.keys(entries).length <= maxAnnotations)
    .pipe(z.record(z.string(), z.string()))
    .nullish(),
});

const indexSchema = z.looseObject({
  schemaVersion: z.literal(2),
  manifests: z.array(z.unknown()).nullish(),
});

/** Rows of an index as they are, to be written back; undefined for what is no index. */
export function readIndexRows(bytes: Buffer): unknown[] | undefined {
  const parsed = indexSchema.safeParse(parseJson(bytes));
  return parsed.success ? parsed.data.manifests ?? [] : undefined;
}

/** One row; undefined where it cannot be fetched anyway. */
export function readReferrer(row: unknown): Referrer | undefined {
  const parsed = entrySchema.safeParse(row);
  if (!parsed.success) {
    return undefined;
  }
  const { digest, size, artifactType, annotations } = parsed.data;
  return {
    digest,
    size,
    // go-containerregistry, and so cosign, writes the type of the config there.
    ...(artifactType &&
      artifactType !== emptyBlob.mediaType && { artifactType }),
    annotations: annotations ?? {},
  };
}
