import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readOrCreate } from '../persistence/readOrCreate';

/** Tokens that are made once and kept. */
export interface Tokens {
  admin: string;
  adminPath: string;
  backstage: string;
  backstagePath: string;
  /** Signs the tokens of service accounts. */
  signingKey: string;
}

/** Reads the tokens below a folder, or makes them; only their owner may read them. */
export function loadTokens(directory: string): Tokens {
  const folder = join(directory, 'tokens');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const adminPath = join(folder, 'admin');
  const backstagePath = join(folder, 'backstage');
  return {
    admin: readOrCreate(adminPath, newToken),
    adminPath,
    backstage: readOrCreate(backstagePath, newToken),
    backstagePath,
    signingKey: readOrCreate(join(folder, 'signing-key'), newToken),
  };
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}
