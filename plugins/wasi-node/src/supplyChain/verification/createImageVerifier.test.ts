import { sign } from 'node:crypto';
import type { Referrers } from '../../registry/referrers';
import { newKey } from '../__fixtures__/keys';
import type { VerificationPolicy } from '../config';
import { BUNDLE_MEDIA_TYPE, signStatement } from '../signing/bundle';
import type { SigningKey, TrustedKey } from '../signing/keys';
import {
  composeStatement,
  PREDICATES,
  type Statement,
} from '../signing/statement';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { createImageVerifier } from './createImageVerifier';

const digest = `sha256:${'a'.repeat(64)}`;
const otherDigest = `sha256:${'b'.repeat(64)}`;
const repository = 'registry.example.com/team/hello';
const image = `${repository}@${digest}`;
const subject = { repository, digest };

const release = newKey('release');
const stranger = newKey('stranger');

const signature = (changes: Partial<Statement> = {}): Statement => ({
  ...composeStatement(subject, PREDICATES.signature, undefined),
  ...changes,
});

interface Attached {
  bytes: Buffer;
  artifactType?: string;
  annotations?: Record<string, string>;
}

const signedBy = (key: SigningKey, statement = signature()): Attached => ({
  bytes: signStatement(statement, key),
  annotations: { 'dev.sigstore.bundle.predicateType': statement.predicateType },
});

/** What somebody attached, as a registry tells it. */
function registryWith(
  attached: Attached[],
  options: { complete?: boolean } = {},
): Pick<Referrers, 'list' | 'fetch'> & { fetched: number } {
  const registry = {
    fetched: 0,
    list: async () => ({
      complete: options.complete ?? true,
      referrers: attached.map(({ annotations = {}, artifactType }, index) => ({
        digest: `sha256:${String(index).padStart(64, '0')}`,
        size: 1,
        artifactType: artifactType ?? BUNDLE_MEDIA_TYPE,
        annotations,
      })),
    }),
    async fetch(_: string, wanted: string, { maxBytes }: { maxBytes: number }) {
      registry.fetched += 1;
      const {
        bytes,
        annotations = {},
        artifactType,
      } = attached[Number(wanted.slice(7))];
      if (bytes.length > maxBytes) {
        throw new WasiError('REGISTRY_UNEXPECTED', { message: 'too large' });
      }
      return {
        bytes,
        annotations,
        artifactType: artifactType ?? BUNDLE_MEDIA_TYPE,
      };
    },
  };
  return registry;
}

function verify(
  attached: Attached[] | Pick<Referrers, 'list' | 'fetch'>,
  options: {
    policy?: VerificationPolicy;
    keys?: TrustedKey[];
    requireProvenance?: boolean;
    image?: string;
  } = {},
) {
  return createImageVerifier({
    referrers: Array.isArray(attached) ? registryWith(attached) : attached,
    verification: {
      policy: options.policy ?? 'enforce',
      keys: options.keys ?? [release.trusted],
      requireProvenance: options.requireProvenance ?? false,
    },
  }).verify(options.image ?? image);
}

const refusal = (code: string, words = '') => ({
  code,
  message: expect.stringContaining(words),
  remedy: expect.stringMatching(/\w`?\.$/),
});

describe('createImageVerifier', () => {
  it('takes an image that a trusted key signed', async () => {
    await expect(verify([signedBy(release)])).resolves.toEqual([]);
  });

  it('takes a signature that names no repository, as cosign makes it', async () => {
    const statement = signature({
      subject: [{ digest: { sha256: 'a'.repeat(64) } }],
    });
    await expect(verify([signedBy(release, statement)])).resolves.toEqual([]);
  });

  it('takes each of several keys, so that one can replace another', async () => {
    const keys = [stranger.trusted, release.trusted];
    await expect(verify([signedBy(release)], { keys })).resolves.toEqual([]);
    await expect(verify([signedBy(stranger)], { keys })).resolves.toEqual([]);
  });

  it('finds the signature among what else is attached', async () => {
    await expect(
      verify([
        { bytes: Buffer.from('not a bundle') },
        signedBy(stranger),
        signedBy(release),
      ]),
    ).resolves.toEqual([]);
  });

  it('refuses an image that is not signed', async () => {
    await expect(verify([])).rejects.toMatchObject(
      refusal('IMAGE_NOT_SIGNED', `${image} is not signed.`),
    );
    await expect(verify([])).rejects.toMatchObject({ name: 'NotAllowedError' });
  });

  const bundle = JSON.parse(signedBy(release).bytes.toString());
  const withEnvelope = (changes: object, of = bundle): Attached => ({
    bytes: Buffer.from(
      JSON.stringify({
        ...of,
        dsseEnvelope: { ...of.dsseEnvelope, ...changes },
      }),
    ),
  });
  const base64 = (value: unknown) =>
    Buffer.from(JSON.stringify(value)).toString('base64');

  const attacks: { what: string; attached: Attached; because: string }[] = [
    {
      what: 'the signature of another digest',
      attached: signedBy(
        release,
        composeStatement(
          { repository, digest: otherDigest },
          PREDICATES.signature,
          undefined,
        ),
      ),
      because: 'about another image',
    },
    {
      what: 'the signature of this digest in another repository',
      attached: signedBy(
        release,
        composeStatement(
          { repository: 'registry.example.com/team/other', digest },
          PREDICATES.signature,
          undefined,
        ),
      ),
      because: 'about another image',
    },
    {
      what: 'a digest of another algorithm with the same digits',
      attached: signedBy(
        release,
        signature({ subject: [{ digest: { sha512: 'a'.repeat(64) } }] }),
      ),
      because: 'about another image',
    },
    {
      what: 'the signature of a key that nobody trusts',
      attached: signedBy(stranger),
      because: 'none of the trusted keys signed it',
    },
    {
      what: 'a payload that was changed after it was signed',
      attached: withEnvelope({
        payload: base64(signature({ subject: [{ name: 'x', digest: {} }] })),
      }),
      because: 'none of the trusted keys signed it',
    },
    {
      what: 'the signature of another payload',
      attached: withEnvelope({
        signatures: JSON.parse(
          signStatement(
            composeStatement(
              { repository, digest: otherDigest },
              PREDICATES.signature,
              undefined,
            ),
            release,
          ).toString(),
        ).dsseEnvelope.signatures,
      }),
      because: 'none of the trusted keys signed it',
    },
    {
      what: 'a payload of another type',
      attached: withEnvelope({ payloadType: 'text/plain' }),
      because: 'something else than a statement',
    },
    {
      what: 'a bundle without signature',
      attached: withEnvelope({ signatures: [] }),
      because: 'not a Sigstore bundle',
    },
    {
      what: 'a bundle with an empty signature',
      attached: withEnvelope({ signatures: [{ sig: '', keyid: '' }] }),
      because: 'not a Sigstore bundle',
    },
    {
      what: 'a bundle of a certificate, whoever made it',
      attached: {
        bytes: Buffer.from(
          JSON.stringify({
            ...bundle,
            verificationMaterial: {
              certificate: { rawBytes: 'AAAA' },
              tlogEntries: [],
            },
          }),
        ),
      },
      because: 'with a certificate and not with a key',
    },
    {
      what: 'a signed message that is no statement',
      attached: {
        bytes: (() => {
          const payload = Buffer.from('{"yes":true}');
          const type = 'application/vnd.in-toto+json';
          const encoded = `DSSEv1 ${type.length} ${type} ${payload.length} ${payload}`;
          return Buffer.from(
            JSON.stringify({
              ...bundle,
              dsseEnvelope: {
                payload: payload.toString('base64'),
                payloadType: type,
                signatures: [
                  {
                    sig: sign(
                      'sha256',
                      Buffer.from(encoded),
                      release.privateKey,
                    ).toString('base64'),
                    keyid: '',
                  },
                ],
              },
            }),
          );
        })(),
      },
      because: 'what it signs is not a statement',
    },
    {
      what: 'what the list calls a bundle, and is none',
      attached: { ...signedBy(release), artifactType: 'text/plain' },
      because: 'lists it as something that it is not',
    },
    {
      what: 'a bundle too large to be one',
      attached: { bytes: Buffer.alloc(5 * 1024 * 1024, ' ') },
      because: 'does not have it as it is listed',
    },
    {
      what: 'JSON without end',
      attached: { bytes: Buffer.from('['.repeat(1024 * 1024)) },
      because: 'not a Sigstore bundle',
    },
  ];

  it.each(attacks)(
    'is not taken in by $what',
    async ({ attached, because }) => {
      await expect(verify([attached])).rejects.toMatchObject(
        refusal('IMAGE_SIGNATURE_UNTRUSTED', because),
      );
    },
  );

  it('does not take the SBOM or provenance of a trusted key for a signature', async () => {
    for (const type of [
      PREDICATES.sbom,
      PREDICATES.provenance,
      'https://x/y',
    ]) {
      const statement = composeStatement(subject, type, {});
      await expect(
        verify([{ bytes: signStatement(statement, release) }]),
      ).rejects.toMatchObject(refusal('IMAGE_NOT_SIGNED'));
    }
  });

  it('lets a key speak only for the images that it was given', async () => {
    const keys = (prefix: string) => [{ ...release.trusted, images: [prefix] }];
    for (const prefix of [
      repository,
      'registry.example.com/team/',
      'registry.example.com',
    ]) {
      await expect(
        verify([signedBy(release)], { keys: keys(prefix) }),
      ).resolves.toEqual([]);
    }
    for (const prefix of [
      'registry.example.com/te',
      'registry.example.com/team/hello/x',
      'other.example.com',
    ]) {
      await expect(
        verify([signedBy(release)], { keys: keys(prefix) }),
      ).rejects.toMatchObject(refusal('IMAGE_SIGNATURE_UNTRUSTED'));
    }
  });

  it('asks for signed provenance, too, where that is wanted', async () => {
    const provenance = composeStatement(subject, PREDICATES.provenance, {});
    const options = { requireProvenance: true };
    await expect(
      verify([signedBy(release), signedBy(release, provenance)], options),
    ).resolves.toEqual([]);
    await expect(verify([signedBy(release)], options)).rejects.toMatchObject(
      refusal('IMAGE_PROVENANCE_MISSING'),
    );
    await expect(
      verify([signedBy(release), signedBy(stranger, provenance)], options),
    ).rejects.toMatchObject(refusal('IMAGE_PROVENANCE_MISSING'));
    await expect(
      verify([signedBy(release, provenance)], options),
    ).rejects.toMatchObject(refusal('IMAGE_NOT_SIGNED'));
  });

  it('refuses an image by tag, which may be another one tomorrow', async () => {
    await expect(
      verify([signedBy(release)], { image: `${repository}:1.0` }),
    ).rejects.toMatchObject(refusal('IMAGE_NOT_VERIFIED', 'named by tag'));
  });

  it('looks at a bounded number of thousands, and says that there are more', async () => {
    const registry = registryWith(
      Array.from({ length: 3000 }, () => signedBy(stranger)),
    );
    await expect(verify(registry)).rejects.toMatchObject(
      refusal('IMAGE_SIGNATURE_UNTRUSTED', 'More is attached'),
    );
    expect(registry.fetched).toBe(50);
  });

  it('looks at what is annotated as a signature before the rest', async () => {
    const noise = { bytes: Buffer.from('{}'), annotations: {} };
    const registry = registryWith([
      ...Array.from({ length: 500 }, () => noise),
      signedBy(release),
    ]);
    await expect(verify(registry)).resolves.toEqual([]);
    expect(registry.fetched).toBe(1);
  });

  describe('when the registry does not answer', () => {
    const down = {
      list: async () => {
        throw new WasiError('REGISTRY_UNREACHABLE', { message: 'It is down.' });
      },
      fetch: async () => {
        throw new Error('not asked');
      },
    };

    it('refuses, where a signature is enforced', async () => {
      await expect(verify(down)).rejects.toMatchObject(
        refusal('IMAGE_NOT_VERIFIED', 'could not be checked: It is down.'),
      );
      await expect(verify(down)).rejects.toMatchObject({
        name: 'ServiceUnavailableError',
      });
    });

    it('warns, where that is the policy', async () => {
      await expect(verify(down, { policy: 'warn' })).resolves.toEqual([
        {
          code: 'IMAGE_NOT_VERIFIED',
          severity: 'warning',
          message: `The signature of ${image} could not be checked: It is down.`,
          remedy: expect.stringMatching(/\w`?\.$/),
          path: 'spec.image',
        },
      ]);
    });

    it('does not hide a fault of ours behind a finding', async () => {
      const broken = {
        ...down,
        list: async () => {
          throw new TypeError('x is not a function');
        },
      };
      await expect(verify(broken, { policy: 'warn' })).rejects.toThrow(
        TypeError,
      );
    });
  });

  it('warns of an image that is not signed, where that is the policy', async () => {
    await expect(verify([], { policy: 'warn' })).resolves.toEqual([
      {
        code: 'IMAGE_NOT_SIGNED',
        severity: 'warning',
        message: `${image} is not signed.`,
        remedy: expect.stringContaining('cosign sign'),
        path: 'spec.image',
      },
    ]);
  });

  it('asks nothing where it is off', async () => {
    const registry = registryWith([]);
    await expect(verify(registry, { policy: 'off' })).resolves.toEqual([]);
    await expect(
      createImageVerifier({ referrers: registry }).verify(image),
    ).resolves.toEqual([]);
    expect(registry.fetched).toBe(0);
  });

  it('ends when the user does not want it any more', async () => {
    const abort = new AbortController();
    const verifier = createImageVerifier({
      verification: {
        policy: 'warn',
        keys: [release.trusted],
        requireProvenance: false,
      },
      referrers: {
        ...registryWith([]),
        list: async () => {
          abort.abort(new Error('stopped'));
          throw new WasiError('REGISTRY_ABORTED', { message: 'stopped' });
        },
      },
    });
    await expect(
      verifier.verify(image, { signal: abort.signal }),
    ).rejects.toThrow('stopped');
  });
});
