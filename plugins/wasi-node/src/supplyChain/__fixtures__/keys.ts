import { generateKeyPairSync } from 'node:crypto';
import type { SigningKey, TrustedKey } from '../signing/keys';

/** A new key for each call. */
export function newKey(name = 'release'): SigningKey & {
  trusted: TrustedKey;
  privatePem: string;
  publicPem: string;
} {
  const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return {
    ...pair,
    trusted: { name, key: pair.publicKey },
    privatePem: String(
      pair.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    ),
    publicPem: String(pair.publicKey.export({ type: 'spki', format: 'pem' })),
  };
}
