import { composeSbom, type DescribedModule } from './composeSbom';
import type { LockedPackage } from './types';

const described: DescribedModule = {
  name: 'hello',
  version: '1.2.0',
  runtime: 'rust-wasi',
  inspection: {
    digest: `sha256:${'c'.repeat(64)}`,
    producers: [
      { field: 'language', name: 'Rust', version: '' },
      { field: 'processed-by', name: 'rustc', version: '1.95.0' },
    ],
  },
  image: {
    repository: 'ghcr.io/team/hello',
    digest: `sha256:${'a'.repeat(64)}`,
  },
};
const anyhow: LockedPackage = {
  type: 'cargo',
  name: 'anyhow',
  version: '1.0.86',
  hash: { algorithm: 'SHA-256', hex: 'b'.repeat(64) },
};

const compose = (packages: LockedPackage[]) =>
  JSON.parse(composeSbom(described, packages).toString());

describe('composeSbom', () => {
  it('describes the module and what it was built with', () => {
    expect(
      compose([
        anyhow,
        {
          type: 'npm',
          namespace: '@scope',
          name: 'x',
          version: '1',
          development: true,
        },
      ]),
    ).toEqual({
      $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      metadata: {
        component: {
          type: 'application',
          name: 'hello',
          version: '1.2.0',
          'bom-ref': 'module',
          hashes: [{ alg: 'SHA-256', content: 'c'.repeat(64) }],
          purl: `pkg:oci/hello@sha256:${'a'.repeat(
            64,
          )}?repository_url=ghcr.io%2Fteam%2Fhello`,
          properties: [
            { name: 'wasi-functions:runtime', value: 'rust-wasi' },
            { name: 'wasm:producers:language', value: 'Rust' },
            { name: 'wasm:producers:processed-by', value: 'rustc 1.95.0' },
          ],
        },
      },
      components: [
        {
          type: 'library',
          name: 'anyhow',
          version: '1.0.86',
          'bom-ref': 'pkg:cargo/anyhow@1.0.86',
          scope: 'required',
          hashes: [{ alg: 'SHA-256', content: 'b'.repeat(64) }],
          purl: 'pkg:cargo/anyhow@1.0.86',
        },
        {
          type: 'library',
          group: '@scope',
          name: 'x',
          version: '1',
          'bom-ref': 'pkg:npm/%40scope/x@1',
          scope: 'excluded',
          purl: 'pkg:npm/%40scope/x@1',
        },
      ],
      dependencies: [
        {
          ref: 'module',
          dependsOn: ['pkg:cargo/anyhow@1.0.86', 'pkg:npm/%40scope/x@1'],
        },
        { ref: 'pkg:cargo/anyhow@1.0.86' },
        { ref: 'pkg:npm/%40scope/x@1' },
      ],
    });
  });

  it('is the same bytes each time, in whatever order and however often packages are named', () => {
    const others: LockedPackage[] = Array.from({ length: 50 }, (_, index) => ({
      type: 'npm',
      name: `package-${index}`,
      version: '1.0.0',
    }));
    const once = composeSbom(described, [anyhow, ...others]);
    const again = composeSbom(described, [...others.reverse(), anyhow, anyhow]);
    expect(again.equals(once)).toBe(true);
  });

  it('lists a package whose name no registry would take', () => {
    const strange: LockedPackage[] = [
      { type: 'npm', name: '', version: '1' },
      { type: 'cargo', name: '../../etc/passwd', version: '\u0000' },
      { type: 'golang', namespace: '%%', name: '<script>' },
    ];
    const { components } = compose(strange);
    expect(components.map(({ name }: { name: string }) => name).sort()).toEqual(
      strange.map(({ name }) => name).sort(),
    );
  });
});
