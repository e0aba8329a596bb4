import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import {
  findRuntime,
  type RuntimeSkeleton,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { runtimeOf, SKELETONS } from './buildSkeleton';
import { machine } from './machine';

const ROOT = resolve(__dirname, '../../..');
const VERSIONS = join(
  ROOT,
  'plugins/wasi-common/src/runtimes/toolVersions.json',
);

jest.setTimeout(300_000);

const skeletons = readdirSync(SKELETONS);

/** What the record of its runtime tells of it. */
function recordOf(skeleton: string): RuntimeSkeleton {
  const runtime = findRuntime(runtimeOf(skeleton))!;
  const language = skeleton.slice(runtime.name.length + 1);
  const variant = runtime.variants?.find(
    each => each.language.toLowerCase() === language,
  );
  return language ? variant!.skeleton : runtime.skeleton!;
}

describe.each(skeletons)('%s', skeleton => {
  const folder = join(SKELETONS, skeleton);
  const { files, test = '' } = recordOf(skeleton);

  it('has each file that the README of a repository tells of', () => {
    expect(files.filter(({ path }) => !existsSync(join(folder, path)))).toEqual(
      [],
    );
  });

  it('has the definitions of WASI that the others have', () => {
    const read = (from: string) =>
      Object.fromEntries(
        readdirSync(join(SKELETONS, from, 'wit/deps')).map(name => [
          name,
          readFileSync(
            join(SKELETONS, from, 'wit/deps', name, 'package.wit'),
            'utf8',
          ),
        ]),
      );
    const own = existsSync(join(folder, 'wit')) ? read(skeleton) : {};
    expect(read('js-wasi')).toMatchObject(own);
  });

  it('names the version of jco that the table has', () => {
    const { jco } = JSON.parse(readFileSync(VERSIONS, 'utf8'));
    const named = readdirSync(folder, { withFileTypes: true })
      .filter(entry => entry.isFile())
      .flatMap(({ name }) => [
        ...readFileSync(join(folder, name), 'utf8').matchAll(
          /@bytecodealliance\/jco@([\d.]+)/g,
        ),
      ])
      .map(([, version]) => version);
    expect(new Set(named)).toEqual(new Set(named.map(() => jco)));
  });

  const missing = missingFor(skeleton, test);
  (missing ? it.skip : it)(
    missing
      ? `passes its own tests (tool: ${missing})`
      : 'passes its own tests',
    async () => {
      const copy = join(
        await realpath(await mkdtemp(join(tmpdir(), 'skeleton-'))),
        'function',
      );
      await cp(folder, copy, { recursive: true });
      // TypeScript and its types, which are installed in a repository of its own.
      await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
      try {
        const [command, ...args] = test.split(' ');
        await promisify(execFile)(command, args, {
          cwd: copy,
          env: {
            ...process.env,
            PATH: [machine.folders[command], process.env.PATH].join(delimiter),
            ...(machine.jco && { JCO: machine.jco }),
          },
        });
      } finally {
        await rm(join(copy, '..'), { recursive: true, force: true });
      }
    },
  );
});

/** What this machine must have to run them. */
function missingFor(skeleton: string, test: string): string | undefined {
  const [command] = test.split(' ');
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (skeleton.endsWith('-typescript') && major + minor / 100 < 22.18) {
    return 'Node 22.18 or newer';
  }
  if (skeleton === 'wat-wasi' && !machine.jco) {
    return 'jco';
  }
  // It is on many machines without what it takes to compile.
  const [problem] = machine.missing[runtimeOf(skeleton)] ?? [];
  if (!machine.folders[command] || (command === 'cargo' && problem)) {
    return command;
  }
  return undefined;
}
