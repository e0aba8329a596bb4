import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { ConfigReader, type JsonObject } from '@backstage/config';
import { newKey } from './__fixtures__/keys';
import { readSupplyChainConfig } from './config';

const read = (wasi: JsonObject) =>
  readSupplyChainConfig(new ConfigReader(wasi));
const { privatePem, publicPem, publicKey } = newKey();
const old = newKey();

describe('readSupplyChainConfig', () => {
  it('neither signs nor verifies where nothing is configured', () => {
    expect(read({})).toEqual({});
    expect(readSupplyChainConfig(undefined)).toEqual({});
  });

  it('reads several keys, so that one can replace another', () => {
    const { verification } = read({
      verification: {
        policy: 'enforce',
        requireProvenance: true,
        publicKeys: [
          { name: 'release 2026', key: publicPem },
          { name: 'release 2025', key: old.publicPem, images: ['ghcr.io/a'] },
        ],
      },
    });
    expect(verification).toEqual({
      policy: 'enforce',
      requireProvenance: true,
      keys: [
        { name: 'release 2026', key: expect.anything() },
        { name: 'release 2025', key: expect.anything(), images: ['ghcr.io/a'] },
      ],
    });
    expect(verification!.keys[0].key.equals(publicKey)).toBe(true);
    expect(verification!.keys[1].key.equals(old.publicKey)).toBe(true);
  });

  it('trusts what the portal signs itself, and is off unless it is told otherwise', () => {
    const { verification } = read({ signing: { key: privatePem } });
    expect(verification).toMatchObject({
      policy: 'off',
      keys: [{ name: 'this portal' }],
    });
    expect(verification!.keys[0].key.equals(publicKey)).toBe(true);
  });

  it('reads a key with a passphrase, and one as openssl ecparam writes it', () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const encrypted = pair.privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'open sesame',
    });
    const sec1 = pair.privateKey.export({ type: 'sec1', format: 'pem' });
    for (const signing of [
      { key: String(encrypted), passphrase: 'open sesame' },
      { key: String(sec1) },
    ]) {
      expect(read({ signing }).signing!.publicKey.equals(pair.publicKey)).toBe(
        true,
      );
    }
  });

  it.each([
    { what: 'enforcing', policy: 'enforce' },
    { what: 'warning', policy: 'warn' },
    { what: 'a policy that there is not', policy: 'strict' },
  ])('refuses $what without a key', ({ policy }) => {
    expect(() => read({ verification: { policy } })).toThrow(
      expect.objectContaining({ code: 'VERIFICATION_CONFIG_INVALID' }),
    );
  });

  const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
  const ed25519 = generateKeyPairSync('ed25519');
  const secret = 'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg';
  it.each([
    { what: 'no key at all', key: 'hunter2' },
    {
      what: 'a key that is cut off',
      key: `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`,
    },
    { what: 'a public key', key: publicPem },
    {
      what: 'a key on another curve',
      key: String(p384.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    },
    {
      what: 'a key of another kind',
      key: String(ed25519.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    },
    {
      what: 'a key file of cosign',
      key: `-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n${secret}\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n`,
    },
    {
      what: 'a wrong passphrase',
      passphrase: 'open barley',
      key: String(
        newKey().privateKey.export({
          type: 'pkcs8',
          format: 'pem',
          cipher: 'aes-256-cbc',
          passphrase: 'open sesame',
        }),
      ),
    },
  ])(
    'refuses $what to sign with, and quotes nothing of it',
    ({ what, ...signing }) => {
      let error: unknown;
      try {
        read({ signing });
      } catch (caught) {
        error = caught;
      }
      expect(error).toMatchObject({
        code: 'SIGNING_KEY_INVALID',
        message: expect.stringMatching(/^wasi\.signing\.key is /),
      });
      const shown = `${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`;
      for (const word of signing.key
        .split(/\s+/)
        .filter(part => part.length > 16)) {
        expect(shown).not.toContain(word);
      }
      expect(shown).not.toContain('hunter2');
      expect(shown).not.toContain('open barley');
    },
  );

  it('refuses a private key where everybody may read it', () => {
    expect(() =>
      read({
        verification: { publicKeys: [{ name: 'mine', key: privatePem }] },
      }),
    ).toThrow(
      expect.objectContaining({
        code: 'SIGNING_KEY_INVALID',
        message:
          'The key mine (wasi.verification.publicKeys[0]) is a private key where a public one belongs.',
      }),
    );
  });

  it('keeps no text of a key that could be printed', () => {
    const config = read({ signing: { key: privatePem } });
    const shown = `${inspect(config, { depth: 9 })} ${JSON.stringify(config)}`;
    const lines = privatePem.split('\n').filter(line => /^[^-]/.test(line));
    expect(lines.filter(line => shown.includes(line))).toEqual([]);
    expect(lines).not.toEqual([]);
  });
});
