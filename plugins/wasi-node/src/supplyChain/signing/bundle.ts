import { sign } from 'node:crypto';
import {
  BUNDLE_V03_MEDIA_TYPE,
  bundleFromJSON,
  bundleToJSON,
  isBundleWithDsseEnvelope,
  isBundleWithPublicKey,
  toDSSEBundle,
  type Bundle,
} from '@sigstore/bundle';
import { dsse } from '@sigstore/core';
import { toSignedEntity, Verifier } from '@sigstore/verify';
import { keyHint, type SigningKey, type TrustedKey } from './keys';
import {
  parseStatement,
  STATEMENT_MEDIA_TYPE,
  type Statement,
} from './statement';

export const BUNDLE_MEDIA_TYPE = BUNDLE_V03_MEDIA_TYPE;

/** A statement, and who is sure to have made it. */
export interface SignedStatement {
  statement: Statement;
  signer: TrustedKey;
}

/**
 * Signs a statement.
 *
 * @returns a Sigstore bundle with the key as its only witness: neither log nor timestamp.
 */
export function signStatement(
  statement: Statement,
  { privateKey, publicKey }: SigningKey,
): Buffer {
  const payload = Buffer.from(JSON.stringify(statement));
  const bundle = toDSSEBundle({
    artifact: payload,
    artifactType: STATEMENT_MEDIA_TYPE,
    signature: sign(
      'sha256',
      dsse.preAuthEncoding(STATEMENT_MEDIA_TYPE, payload),
      privateKey,
    ),
    keyHint: keyHint(publicKey),
  });
  // A key id must be the verifier's own, and cosign computes another than the hint.
  bundle.content.dsseEnvelope.signatures[0].keyid = '';
  return Buffer.from(JSON.stringify(bundleToJSON(bundle)));
}

/**
 * Reads a bundle, and believes it if one of the keys signed it.
 *
 * The keys alone decide: what a bundle says of transparency logs, timestamps
 * and certificates is not looked at.
 *
 * @returns the statement, or why it is not believed
 */
export function openBundle(
  bytes: Uint8Array,
  keys: readonly TrustedKey[],
): SignedStatement | { refused: string } {
  const bundle = readBundle(bytes);
  if (!bundle) {
    return { refused: 'it is not a Sigstore bundle' };
  }
  if (!isBundleWithDsseEnvelope(bundle)) {
    return { refused: 'it signs bytes and not a statement' };
  }
  if (!isBundleWithPublicKey(bundle)) {
    return { refused: 'it was signed with a certificate and not with a key' };
  }
  const { payload, payloadType } = bundle.content.dsseEnvelope;
  if (payloadType !== STATEMENT_MEDIA_TYPE) {
    return { refused: 'it signs something else than a statement' };
  }
  const signer = keys.find(({ key }) => isSignedBy(bundle, key));
  if (!signer) {
    return { refused: 'none of the trusted keys signed it' };
  }
  const statement = parseStatement(payload);
  return statement
    ? { statement, signer }
    : { refused: 'what it signs is not a statement' };
}

function readBundle(bytes: Uint8Array): Bundle | undefined {
  try {
    return bundleFromJSON(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    // Anybody may attach anything.
    return undefined;
  }
}

function isSignedBy(bundle: Bundle, publicKey: TrustedKey['key']): boolean {
  const verifier = new Verifier(
    {
      certificateAuthorities: [],
      timestampAuthorities: [],
      tlogs: [],
      ctlogs: [],
      publicKey: () => ({ publicKey, validFor: () => true }),
    },
    { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 },
  );
  try {
    verifier.verify(
      toSignedEntity({
        ...bundle,
        verificationMaterial: {
          ...bundle.verificationMaterial,
          tlogEntries: [],
          timestampVerificationData: undefined,
        },
      } as Bundle),
    );
    return true;
  } catch {
    // The verifier throws for a wrong signature, as for all that is wrong.
    return false;
  }
}
