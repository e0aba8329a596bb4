import { z } from 'zod';
import { parseJson } from '../../registry/parseJson';
import { LockFileFault, type LockedPackage } from './types';

const lockSchema = z.looseObject({
  lockfileVersion: z.number(),
  packages: z.record(
    z.string(),
    z.looseObject({
      name: z.string().optional(),
      version: z.string().optional(),
      integrity: z.string().optional(),
      dev: z.boolean().optional(),
      link: z.boolean().optional(),
    }),
  ),
});

const algorithms = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
} as const;

/**
 * Reads a package-lock.json of npm 7 and later.
 *
 * https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json
 */
export function parseNpmLock(text: string): LockedPackage[] {
  const parsed = lockSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new LockFileFault(
      'is not a lock file of version 2 or 3, which npm 7 and later write',
    );
  }
  return Object.entries(parsed.data.packages)
    .filter(([path, { link }]) => path.includes('node_modules/') && !link)
    .map(([path, { name, version, integrity, dev }]) => ({
      type: 'npm' as const,
      // An alias lies under another name than its own.
      ...splitName(name ?? path.slice(path.lastIndexOf('node_modules/') + 13)),
      version,
      hash: readIntegrity(integrity),
      ...(dev && { development: true }),
    }));
}

function splitName(fullName: string) {
  const slash = fullName.indexOf('/');
  return slash < 0
    ? { name: fullName }
    : { namespace: fullName.slice(0, slash), name: fullName.slice(slash + 1) };
}

// https://www.w3.org/TR/SRI/#the-integrity-attribute
function readIntegrity(integrity = ''): LockedPackage['hash'] {
  const [, algorithm, content] =
    /^(sha1|sha256|sha384|sha512)-([A-Za-z0-9+/]+=*)/.exec(integrity) ?? [];
  return content
    ? {
        algorithm: algorithms[algorithm as keyof typeof algorithms],
        hex: Buffer.from(content, 'base64').toString('hex'),
      }
    : undefined;
}
