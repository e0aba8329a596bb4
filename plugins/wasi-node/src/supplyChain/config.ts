import type { Config } from '@backstage/config';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  readPublicKey,
  readSigningKey,
  type SigningKey,
  type TrustedKey,
} from './signing/keys';

/**
 * What is asked of an image before it is deployed: nothing, a warning where it is
 * not signed, or a signature.
 *
 * @public
 */
export type VerificationPolicy = 'off' | 'warn' | 'enforce';

/**
 * `wasi.verification` of app-config.
 *
 * @public
 */
export interface VerificationConfig {
  policy: VerificationPolicy;
  /** The portal's own key is one of them, where it has one. */
  keys: TrustedKey[];
  requireProvenance: boolean;
}

/** What `wasi` says of signatures. @internal */
export interface SupplyChainConfig {
  signing?: SigningKey;
  verification?: VerificationConfig;
}

const policies: readonly string[] = ['off', 'warn', 'enforce'];

/**
 * Reads `wasi.signing` and `wasi.verification`; keys are parsed at once, so that no
 * text of a key is kept.
 *
 * @throws WasiError `SIGNING_KEY_INVALID`, `VERIFICATION_CONFIG_INVALID`
 * @internal
 */
export function readSupplyChainConfig(
  wasi: Config | undefined,
): SupplyChainConfig {
  const pem = wasi?.getOptionalString('signing.key');
  const signing =
    pem === undefined
      ? undefined
      : readSigningKey(pem, {
          passphrase: wasi?.getOptionalString('signing.passphrase'),
          where: 'wasi.signing.key',
        });
  const policy =
    wasi?.getOptionalString('verification.policy') ?? ('off' as const);
  const keys = readTrustedKeys(wasi);
  if (signing) {
    keys.push({ name: 'this portal', key: signing.publicKey });
  }
  if (!isPolicy(policy)) {
    throw new WasiError('VERIFICATION_CONFIG_INVALID', {
      message: `wasi.verification.policy is ${JSON.stringify(policy)}`,
      remedy: `Choose one of ${policies.join(', ')}.`,
    });
  }
  if (policy !== 'off' && keys.length === 0) {
    throw new WasiError('VERIFICATION_CONFIG_INVALID', {
      message: `wasi.verification.policy is ${policy}, and there is no key to verify with`,
      remedy:
        'Add a key to `wasi.verification.publicKeys`, or configure `wasi.signing.key`.',
    });
  }
  const requireProvenance =
    wasi?.getOptionalBoolean('verification.requireProvenance') ?? false;
  return {
    ...(signing && { signing }),
    ...(keys.length && { verification: { policy, keys, requireProvenance } }),
  };
}

function readTrustedKeys(wasi: Config | undefined): TrustedKey[] {
  return (wasi?.getOptionalConfigArray('verification.publicKeys') ?? []).map(
    (entry, index) => {
      const name = entry.getString('name');
      const images = entry.getOptionalStringArray('images');
      return {
        name,
        key: readPublicKey(
          entry.getString('key'),
          `The key ${name} (wasi.verification.publicKeys[${index}])`,
        ),
        ...(images && { images }),
      };
    },
  );
}

function isPolicy(text: string): text is VerificationPolicy {
  return policies.includes(text);
}
