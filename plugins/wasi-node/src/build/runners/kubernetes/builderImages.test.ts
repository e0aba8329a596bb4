import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  runtimes,
  toolVersions,
} from '@wasi-functions/backstage-plugin-wasi-common';

const BUILDERS = resolve(__dirname, '../../../../../../builders');
const versions: Record<string, string> = toolVersions;
const images = readdirSync(BUILDERS, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(({ name }) => name);
const read = (image: string) =>
  readFileSync(join(BUILDERS, image, 'Dockerfile'), 'utf8');

describe('the builder images', () => {
  it('are there for every runtime that is built', () => {
    expect(images.sort()).toEqual(
      runtimes
        .filter(({ strategy }) => strategy !== 'prebuilt')
        .map(({ name }) => name)
        .sort(),
    );
  });

  it.each(images)('%s names the versions that are pinned', image => {
    const named = [
      ...read(image).matchAll(/^ARG ([A-Z]+)_VERSION=(.*)$/gm),
    ].map(([, name, version]) => [name.toLowerCase(), version]);

    expect(named.length).toBeGreaterThan(0);
    expect(Object.fromEntries(named)).toEqual(
      Object.fromEntries(named.map(([name]) => [name, versions[name]])),
    );
  });

  it.each(images)('%s begins with an image whose version is told', image => {
    const bases = [...read(image).matchAll(/^FROM (\S+)/gm)].map(
      ([, base]) => base,
    );

    expect(bases.filter(base => !/:\$\{[A-Z]+_VERSION\}/.test(base))).toEqual(
      [],
    );
  });

  it.each(images)('%s runs as nobody in particular', image => {
    expect(read(image).trimEnd().split('\n').at(-1)).toBe('USER 10001:10001');
  });
});
