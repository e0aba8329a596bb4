import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The text of a fixture, for tests. @internal */
export function readFixture(name: string): string {
  return readFileSync(resolve(__dirname, name), 'utf8');
}
