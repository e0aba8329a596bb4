import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JCO_PACKAGES, SKELETONS, TOOLCHAINS } from '../__testUtils__/jco';
import { buildFunction } from './__testUtils__/buildTester';

jest.setTimeout(600_000);

const runtimes: [runtime: string, ...programs: string[]][] = [
  ['c-wasi', 'clang/bin/clang'],
  ['cpp-wasi', 'clang/bin/clang'],
  ['swift-wasi', 'swift/bin/swiftc', 'clang/bin/clang'],
  ['rust-wasi', 'rust/bin/cargo'],
];

for (const [runtime, ...programs] of runtimes) {
  const missing = [
    JCO_PACKAGES,
    ...programs.map(each => join(TOOLCHAINS, each)),
  ]
    .filter(path => !existsSync(path))
    .map(path => path.slice(TOOLCHAINS.length + 1));
  const describeWithTools = missing.length === 0 ? describe : describe.skip;

  describeWithTools(
    missing.length === 0
      ? runtime
      : `${runtime} (tools: ${missing.join(', ')})`,
    () => {
      let folder: string;

      beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), 'reproducible-'));
      });

      afterEach(() => rm(folder, { recursive: true, force: true }));

      async function build(...place: string[]): Promise<Buffer> {
        const directory = join(folder, ...place);
        await mkdir(directory, { recursive: true });
        await cp(join(SKELETONS, runtime), directory, { recursive: true });
        const built = await buildFunction({
          directory,
          runtime,
          toolchainsDirectory: TOOLCHAINS,
          searchPath: process.env.PATH,
          log: () => {},
          limits: { timeoutMs: 300_000 },
        });
        expect(built.unchanged).toBe(false);
        return await readFile(built.path);
      }

      it('makes the same module of the same source in another folder', async () => {
        const first = await build('first');
        const second = await build('elsewhere', 'and deeper');
        const digest = (module: Buffer) =>
          createHash('sha256').update(module).digest('hex');
        expect(digest(second)).toBe(digest(first));
        // Nor does it tell where it was built.
        expect(first.includes(tmpdir())).toBe(false);
      });
    },
  );
}
