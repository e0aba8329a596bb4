import type { LockedPackage } from './types';

/**
 * Reads a requirements.txt as far as it names packages of PyPI.
 *
 * https://pip.pypa.io/en/stable/reference/requirements-file-format/
 */
export function parseRequirements(text: string): LockedPackage[] {
  const lines = text
    .replace(/\\\r?\n/g, ' ')
    .split('\n')
    .map(line => line.replace(/(^|\s)#.*$/, '').trim());
  return lines.flatMap(line => {
    const [, name, version] =
      /^([A-Za-z0-9][A-Za-z0-9._-]*)(?=[\s;=<>!~@,([]|$)\s*(?:\[[^\]]*\])?\s*(?:===?\s*([A-Za-z0-9.!+_-]+)(?=\s|;|$))?/.exec(
        line,
      ) ?? [];
    const hashes = [...line.matchAll(/--hash=sha256:([a-f0-9]{64})(?=\s|$)/g)];
    return name
      ? [
          {
            type: 'pypi' as const,
            name,
            version,
            // Several are those of several files, of which one was used.
            hash:
              hashes.length === 1
                ? { algorithm: 'SHA-256' as const, hex: hashes[0][1] }
                : undefined,
          },
        ]
      : [];
  });
}
