import { spawn } from 'node:child_process';
import { once } from 'node:events';

const MAGIC = '!<arch>\n';
const HEADER_BYTES = 60;

/**
 * Unpacks the files of a Debian package, with the machine's tar.
 *
 * @param {Buffer} archive
 * @param {string} directory
 * @param {string[]} exclude Patterns of what is left out.
 */
export async function unpackDeb(archive, directory, exclude) {
  const { name, content } = findData(archive);
  const tar = spawn(
    'tar',
    [
      '--extract',
      ...(name.endsWith('.xz') ? ['--xz'] : []),
      ...(name.endsWith('.zst') ? ['--zstd'] : []),
      '--no-same-owner',
      ...exclude.map(pattern => `--exclude=${pattern}`),
      '--directory',
      directory,
    ],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  const said = [];
  tar.stderr.setEncoding('utf8').on('data', text => said.push(text));
  // Where tar ends early, its exit code tells.
  tar.stdin.on('error', () => {});
  tar.stdin.end(content);
  const [code] = await once(tar, 'close');
  if (code !== 0) {
    throw Object.assign(new Error(`tar ended with ${code}`), { tail: said });
  }
}

/** A package is an `ar` archive; its files are in the member data.tar. */
function findData(archive) {
  if (archive.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw new Error('a package is not a Debian package');
  }
  for (let offset = MAGIC.length; offset < archive.length; ) {
    const header = archive.toString('latin1', offset, offset + HEADER_BYTES);
    const name = header.slice(0, 16).trim().replace(/\/$/, '');
    const size = Number(header.slice(48, 58));
    const start = offset + HEADER_BYTES;
    if (name.startsWith('data.tar')) {
      return { name, content: archive.subarray(start, start + size) };
    }
    offset = start + size + (size % 2);
  }
  throw new Error('a package holds no data.tar');
}
