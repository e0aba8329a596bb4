import { X509Certificate as NodeCertificate } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { readIfPresent } from '../persistence/readOrCreate';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const YEAR = 365 * 24 * 60 * 60 * 1000;
const VALID_FOR = 10 * YEAR;
/** Renewed where less than this is left. */
const RENEW_BEFORE = YEAR;

/** A certificate authority of our own, and the server certificate that it signed (PEM). */
export interface Certificates {
  ca: string;
  certificate: string;
  key: string;
}

/**
 * Reads the certificates below a folder, or makes them.
 *
 * The key of the authority is thrown away once it has signed: nothing else
 * can ever be signed with it.
 */
export async function loadCertificates(
  directory: string,
  options: { hosts: string[]; now: Date },
): Promise<Certificates> {
  const folder = join(directory, 'certificates');
  const path = join(folder, 'server.json');
  const kept = readIfPresent(path);
  const present = kept && parse(kept);
  if (present && isUsable(present, options)) {
    return present;
  }
  const made = await create(options);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.partial`, JSON.stringify(made), { mode: 0o600 });
  renameSync(`${path}.partial`, path);
  return made;
}

function parse(text: string): Certificates | undefined {
  try {
    const { ca, certificate, key } = JSON.parse(text) as Certificates;
    return { ca, certificate, key };
  } catch {
    // Made anew: nothing depends on these very certificates.
    return undefined;
  }
}

function isUsable(
  { certificate }: Certificates,
  { hosts, now }: { hosts: string[]; now: Date },
): boolean {
  try {
    const read = new NodeCertificate(certificate);
    return (
      Date.parse(read.validTo) - now.getTime() > RENEW_BEFORE &&
      hosts.every(host =>
        isIP(host) ? read.checkIP(host) : read.checkHost(host),
      )
    );
  } catch {
    // Not a certificate: made anew.
    return false;
  }
}

async function create(options: {
  hosts: string[];
  now: Date;
}): Promise<Certificates> {
  const crypto = webcrypto as unknown as Crypto;
  x509.cryptoProvider.set(crypto);
  const generateKeys = () =>
    crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const authorityKeys = await generateKeys();
  const serverKeys = await generateKeys();
  const notBefore = new Date(options.now.getTime() - 60 * 60 * 1000);
  const notAfter = new Date(options.now.getTime() + VALID_FOR);
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=wasi-local-platform',
    keys: authorityKeys,
    notBefore,
    notAfter,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const server = await x509.X509CertificateGenerator.create({
    subject: 'CN=kubernetes',
    issuer: authority.subject,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    notBefore,
    notAfter,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        options.hosts.map(value => ({
          type: isIP(value) ? ('ip' as const) : ('dns' as const),
          value,
        })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(authority),
    ],
  });
  const key = await crypto.subtle.exportKey('pkcs8', serverKeys.privateKey);
  return {
    ca: `${authority.toString('pem')}\n`,
    certificate: `${server.toString('pem')}\n`,
    key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`,
  };
}
