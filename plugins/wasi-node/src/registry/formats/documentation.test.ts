import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  artifactConsumers,
  artifactFormats,
} from '@wasi-functions/backstage-plugin-wasi-common';

const page = readFileSync(
  join(__dirname, '../../../../../docs/artifact-formats.md'),
  'utf8',
);

/** Cells of the row that begins with this text, in the part of the page. */
function cells(part: string, first: string): string[] | undefined {
  const [, text] = page.split(new RegExp(`<!-- /?${part} -->`));
  return text
    .split('\n')
    .map(line => line.split('|').map(cell => cell.trim()))
    .find(row => row[1] === first)
    ?.slice(1, -1);
}

describe('docs/artifact-formats.md', () => {
  it.each(artifactFormats.map(format => [format.name, format] as const))(
    'tells of %s what the form tells',
    (name, { label, when, consumers }) => {
      expect(cells('formats', `\`${name}\``)).toEqual([
        `\`${name}\``,
        label,
        when,
        consumers.map(consumer => artifactConsumers[consumer]).join(', '),
      ]);
    },
  );

  it('names for each format a program of others that pulls it, and one that pushes it', () => {
    for (const { name } of artifactFormats) {
      const [, pulls, pushes] = cells('proof', `\`${name}\``)!;
      expect([name, pulls, pushes]).not.toContain('–');
    }
  });
});
