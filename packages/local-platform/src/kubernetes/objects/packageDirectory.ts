import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of this package, be it run from its sources or built. */
export function packageDirectory(
  // Sources and built files lie at different depths, so the way up is searched.
  // eslint-disable-next-line no-restricted-syntax
  from = __dirname,
): string {
  try {
    const { name } = JSON.parse(
      readFileSync(join(from, 'package.json'), 'utf8'),
    ) as { name?: string };
    if (name === '@wasi-functions/local-platform') {
      return from;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw error;
    }
  }
  if (dirname(from) === from) {
    throw new Error('The folder of @wasi-functions/local-platform is gone.');
  }
  return packageDirectory(dirname(from));
}
