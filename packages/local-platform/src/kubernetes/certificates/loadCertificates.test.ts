import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCertificates } from './loadCertificates';

const YEAR = 365 * 24 * 60 * 60 * 1000;
const NOW = new Date('2026-01-01T00:00:00Z');
const hosts = ['localhost', '127.0.0.1', '::1'];

describe('loadCertificates', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'certificates-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('makes a certificate for every host, signed by its own authority', async () => {
    const { ca, certificate } = await loadCertificates(directory, {
      hosts,
      now: NOW,
    });
    const authority = new X509Certificate(ca);
    const server = new X509Certificate(certificate);
    expect(server.checkIssued(authority)).toBe(true);
    expect(server.verify(authority.publicKey)).toBe(true);
    expect([authority.ca, server.ca]).toEqual([true, false]);
    expect([
      server.checkHost('localhost'),
      server.checkIP('127.0.0.1'),
      server.checkIP('::1'),
      server.checkHost('example.com'),
    ]).toEqual(['localhost', '127.0.0.1', '::1', undefined]);
    expect(Date.parse(server.validTo)).toBeGreaterThan(
      NOW.getTime() + 9 * YEAR,
    );
  });

  it.each([
    ['keeps it', hosts, NOW, true],
    ['makes another before it ends', hosts, new Date('2035-06-01'), false],
    ['makes another for a further host', [...hosts, '10.0.0.1'], NOW, false],
  ])('%s', async (_, wanted, now, kept) => {
    const before = await loadCertificates(directory, { hosts, now: NOW });
    const after = await loadCertificates(directory, { hosts: wanted, now });
    expect(after.certificate === before.certificate).toBe(kept);
  });

  it('makes another where the file cannot be read', async () => {
    await loadCertificates(directory, { hosts, now: NOW });
    writeFileSync(join(directory, 'certificates', 'server.json'), '{');
    const { certificate } = await loadCertificates(directory, {
      hosts,
      now: NOW,
    });
    expect(new X509Certificate(certificate).subject).toBe('CN=kubernetes');
  });
});
