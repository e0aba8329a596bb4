import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HOUR = 3_600_000;
const crypto = webcrypto as unknown as Crypto;

/** A certificate and its key, PEM. */
export interface ClientCertificate {
  certificate: string;
  key: string;
  /** Milliseconds since the epoch. */
  endsAt: number;
}

/** Issues client certificates that an API server takes for users. */
export class ClientAuthority {
  private constructor(
    private readonly authority: x509.X509Certificate,
    private readonly keys: CryptoKeyPair,
  ) {}

  static async create(): Promise<ClientAuthority> {
    x509.cryptoProvider.set(crypto);
    const keys = await newKeys();
    const authority = await x509.X509CertificateGenerator.createSelfSigned({
      name: 'CN=clients',
      keys,
      notBefore: new Date(Date.now() - HOUR),
      notAfter: new Date(Date.now() + HOUR),
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      ],
    });
    return new ClientAuthority(authority, keys);
  }

  get certificate(): string {
    return `${this.authority.toString('pem')}\n`;
  }

  async issue(user: string, forMs: number): Promise<ClientCertificate> {
    const keys = await newKeys();
    const notAfter = new Date(Date.now() + forMs);
    const issued = await x509.X509CertificateGenerator.create({
      subject: `CN=${user}`,
      issuer: this.authority.subject,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: ALGORITHM,
      notBefore: new Date(Date.now() - HOUR),
      notAfter,
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      ],
    });
    const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
    return {
      certificate: `${issued.toString('pem')}\n`,
      key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`,
      endsAt: notAfter.getTime(),
    };
  }
}

async function newKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}
