import { parse } from 'smol-toml';
import { z } from 'zod';
import { LockFileFault, type LockedPackage } from './types';

const lockSchema = z.looseObject({
  package: z
    .array(
      z.looseObject({
        name: z.string(),
        version: z.string(),
        source: z.string().optional(),
        checksum: z.string().optional(),
      }),
    )
    .default([]),
});

/** Reads a Cargo.lock; packages without source are those of the function itself. */
export function parseCargoLock(text: string): LockedPackage[] {
  const parsed = lockSchema.safeParse(parseToml(text));
  if (!parsed.success) {
    throw new LockFileFault('is not a lock file of Cargo');
  }
  return parsed.data.package
    .filter(({ source }) => source !== undefined)
    .map(({ name, version, checksum }) => ({
      type: 'cargo' as const,
      name,
      version,
      hash: /^[a-f0-9]{64}$/.test(checksum ?? '')
        ? { algorithm: 'SHA-256' as const, hex: checksum! }
        : undefined,
    }));
}

function parseToml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    // The parser's message quotes the file; that it is none says enough.
    return undefined;
  }
}
