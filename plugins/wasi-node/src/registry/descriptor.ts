import { z } from 'zod';

// Counted before they are looked at: each wrong one becomes an issue, and a
// manifest of 4 MiB has room for millions.
const maxEntries = 1000;

export const annotationsSchema = z
  .record(z.string(), z.unknown())
  .refine(entries => Object.keys(entries).length <= maxEntries)
  .pipe(z.record(z.string(), z.string()))
  .nullish();

const platformSchema = z
  .looseObject({
    os: z.string().max(255).catch(''),
    architecture: z.string().max(255).catch(''),
    variant: z.string().max(255).optional().catch(undefined),
  })
  .nullish();

export const descriptorSchema = z.looseObject({
  mediaType: z.string().max(255),
  digest: z.string().regex(/^(sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/),
  size: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  annotations: annotationsSchema,
  artifactType: z.string().max(255).nullish(),
  platform: platformSchema,
  /** Where content lies that the registry does not have. */
  urls: z.array(z.string()).nullish(),
});

/** What a manifest or an index says of something else, with all that it says. */
export type Descriptor = z.infer<typeof descriptorSchema>;

/** A list of descriptors of a bearable length. */
export const descriptorsSchema = z
  .array(z.unknown())
  .max(maxEntries)
  .pipe(z.array(descriptorSchema))
  .nullish();
