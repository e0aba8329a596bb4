import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
} from 'node:crypto';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * A public key that signatures are believed by.
 *
 * @public
 */
export interface TrustedKey {
  /** What people call it. */
  name: string;
  key: KeyObject;
  /** Prefixes of `host/repository` that it may speak for. Absent: every image. */
  images?: string[];
}

/**
 * The private key that this portal signs with.
 *
 * @public
 */
export interface SigningKey {
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/**
 * Reads a private key: PEM, PKCS #8 or SEC 1, on the curve P-256.
 *
 * @throws WasiError `SIGNING_KEY_INVALID`; nothing of the key is in the message.
 * @internal
 */
export function readSigningKey(
  pem: string,
  options: { passphrase?: string; where: string },
): SigningKey {
  const { passphrase, where } = options;
  if (/BEGIN ENCRYPTED (SIGSTORE|COSIGN) PRIVATE KEY/.test(pem)) {
    throw invalid(
      where,
      'is in the own format of cosign, which is not read',
      'Generate a key with openssl and import it into cosign, see docs/supply-chain.md.',
    );
  }
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey({ key: pem, format: 'pem', passphrase });
  } catch {
    // The error of the library could quote the input.
    throw invalid(
      where,
      passphrase === undefined
        ? 'is not a private key in PEM without passphrase'
        : 'is not a private key in PEM, or its passphrase is wrong',
    );
  }
  requireP256(privateKey, where);
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

/**
 * Reads a public key: PEM, on the curve P-256.
 *
 * @throws WasiError `SIGNING_KEY_INVALID`
 * @internal
 */
export function readPublicKey(pem: string, where: string): KeyObject {
  // `createPublicKey` would take a private key, too, and keep its public half.
  if (/PRIVATE KEY/.test(pem)) {
    throw invalid(where, 'is a private key where a public one belongs');
  }
  let key: KeyObject;
  try {
    key = createPublicKey({ key: pem, format: 'pem' });
  } catch {
    throw invalid(where, 'is not a public key in PEM');
  }
  requireP256(key, where);
  return key;
}

/**
 * Names a public key in a bundle the way that cosign does.
 *
 * @internal
 */
export function keyHint(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}

function requireP256(key: KeyObject, where: string): void {
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  if (
    asymmetricKeyType !== 'ec' ||
    asymmetricKeyDetails?.namedCurve !== 'prime256v1'
  ) {
    throw invalid(where, 'is not an elliptic curve key on P-256');
  }
}

function invalid(where: string, what: string, remedy?: string): WasiError {
  return new WasiError('SIGNING_KEY_INVALID', {
    message: `${where} ${what}.`,
    remedy,
  });
}
