import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseQuantity } from '../wasmModule';
import { findRuntime } from './findRuntime';
import { stepPlaceholders } from './placeholders';
import { runtimes } from './runtimes';

const SKELETONS = resolve(
  __dirname,
  '../../../../templates/wasi-function/skeletons',
);

describe('runtimes', () => {
  it('are the ten that func.yaml may name, experimental ones marked', () => {
    expect(
      runtimes.map(({ name, maturity }) => [name, maturity]).sort(),
    ).toEqual([
      ['c-wasi', 'stable'],
      ['cpp-wasi', 'stable'],
      ['dotnet-wasi', 'experimental'],
      ['go-wasi', 'stable'],
      ['js-wasi', 'stable'],
      ['prebuilt-wasi', 'stable'],
      ['python-wasi', 'stable'],
      ['rust-wasi', 'stable'],
      ['swift-wasi', 'experimental'],
      ['wat-wasi', 'stable'],
    ]);
  });

  it('that have sources have a skeleton to prove that they are built', () => {
    const skeletons = readdirSync(SKELETONS);
    expect(
      runtimes.filter(
        ({ name, strategy }) =>
          strategy !== 'prebuilt' && !skeletons.includes(name),
      ),
    ).toEqual([]);
  });

  it('are found by their exact name only', () => {
    expect(findRuntime('js-wasi')?.label).toBe('JavaScript');
    expect(findRuntime('js')).toBeUndefined();
    expect(findRuntime('JS-WASI')).toBeUndefined();
    expect(findRuntime('')).toBeUndefined();
  });

  describe.each(runtimes.map(runtime => [runtime.name, runtime] as const))(
    '%s',
    (_, runtime) => {
      it('uses no placeholder that the builder does not know', () => {
        const known: string[] = Object.values(stepPlaceholders);
        const used = [
          ...runtime.steps.flatMap(step => step.command),
          runtime.output,
        ]
          .flatMap(part => part.match(/\{[^}]*\}/g) ?? [])
          .filter(each => !known.includes(each));
        expect(used).toEqual([]);
      });

      it('has a readable version pattern and an install sentence for each tool', () => {
        for (const {
          versionPattern,
          install,
          command,
        } of runtime.prerequisites) {
          expect(install).toMatch(/^[A-Z].*\.$/);
          expect(command.length).toBeGreaterThan(1);
          expect(() => new RegExp(versionPattern ?? '')).not.toThrow();
        }
      });

      it('has a prerequisite for each program it starts', () => {
        const proven = runtime.prerequisites.map(({ command }) => command[0]);
        const started = runtime.steps.map(({ command }) => command[0]);
        expect(started.filter(program => !proven.includes(program))).toEqual(
          [],
        );
      });

      it('states its memory as a quantity', () => {
        expect(parseQuantity(runtime.memoryLimit ?? '64Mi')).toBeGreaterThan(0);
      });
    },
  );

  it.each([
    ['js-wasi', 'jco', '1.34.0', '1.34.0'],
    ['rust-wasi', 'cargo', 'cargo 1.95.0 (abc 2026-01-01)', '1.95.0'],
    ['go-wasi', 'go', 'go version go1.27.3 linux/amd64', '1.27.3'],
    ['go-wasi', 'go', 'go version go1.24 linux/amd64', '1.24'],
    ['python-wasi', 'python3', 'Python 3.11.2', '3.11'],
    ['python-wasi', 'componentize-py', 'componentize-py 0.25.0', '0.25.0'],
    ['c-wasi', 'clang', 'Debian clang version 21.1.8 (1)', '21.1'],
    ['swift-wasi', 'swift', 'Swift version 6.2.3 (swift-6.2.3-RELEASE)', '6.2'],
    ['dotnet-wasi', 'dotnet', '10.0.100', '10.0.100'],
  ])('%s reads the version of %s from %j', (name, tool, output, version) => {
    const { versionPattern = '' } =
      findRuntime(name)?.prerequisites.find(each => each.tool === tool) ?? {};
    expect(new RegExp(versionPattern).exec(output)?.[1]).toBe(version);
  });

  it('builds JavaScript by one call of jco', () => {
    expect(findRuntime('js-wasi')?.steps.map(step => step.command)).toEqual([
      [
        'jco',
        'componentize',
        '{source}',
        '--bundle',
        '-w',
        '{wit}',
        '-n',
        'function',
        '-o',
        '{output}',
      ],
    ]);
  });
});
