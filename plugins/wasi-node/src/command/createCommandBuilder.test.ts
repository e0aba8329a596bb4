/* eslint-disable jest/no-standalone-expect, no-loop-func -- what is skipped depends on the tools of this machine */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { TOOLCHAINS } from '../__testUtils__/jco';
import { createBuildRunner } from '../build/runners';
import { inspectModule } from '../inspect';
import { createModuleEngine } from '../run';
import { createToolchains } from '../toolchains';
import { commandBuilder } from './__testUtils__/commandBuilder';
import { findCommandRecipe } from './commandRecipes';
import { createCommandBuilder } from './createCommandBuilder';
import type { CommandLanguage, CommandTarget } from './types';

jest.setTimeout(300_000);

const { builder, config, toolchains } = commandBuilder();

/** Each reads the file that is its first argument, and prints it behind GREETING. */
const C = `#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
  char line[200];
  FILE *file = fopen(argv[1], "r");
  if (!file) { perror("open"); return 2; }
  while (fgets(line, sizeof line, file)) printf("%s %s", getenv("GREETING"), line);
  return 0;
}
`;
// Debian's libc++ for WebAssembly has no file streams.
const CPP = `#include <cstdio>
#include <cstdlib>
#include <string>
int main(int argc, char **argv) {
  FILE *file = std::fopen(argv[1], "r");
  if (!file) { std::perror("open"); return 2; }
  std::string text;
  for (int c; (c = std::fgetc(file)) != EOF;) text += static_cast<char>(c);
  std::printf("%s %s", std::getenv("GREETING"), text.c_str());
}
`;
const RUST = `fn main() {
    let path = std::env::args().nth(1).unwrap();
    let greeting = std::env::var("GREETING").unwrap();
    match std::fs::read_to_string(path) {
        Ok(text) => print!("{greeting} {text}"),
        Err(_) => { eprintln!("open: failed"); std::process::exit(2) }
    }
}
`;
const GO = `package main

import (
	"fmt"
	"os"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "open:", err)
		os.Exit(2)
	}
	fmt.Printf("%s %s", os.Getenv("GREETING"), text)
}
`;
const CARGO = '[package]\nname = "tool"\nversion = "0.1.0"\nedition = "2021"\n';
const WAT = `(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (call $exit (i32.const 7))))
`;
const GO_MOD = 'module example.com/app\n\ngo 1.24\n';

type Case = {
  language: CommandLanguage;
  target: CommandTarget;
  files: Record<string, string>;
  source?: string;
};

const cases: Case[] = [
  { language: 'c', target: 'wasip1', files: { 'main.c': C } },
  { language: 'cpp', target: 'wasip1', files: { 'main.cpp': CPP } },
  {
    language: 'rust',
    target: 'wasip1',
    files: { 'Cargo.toml': CARGO, 'src/main.rs': RUST },
  },
  {
    language: 'rust',
    target: 'wasip2',
    files: { 'Cargo.toml': CARGO, 'src/main.rs': RUST },
  },
  {
    language: 'go',
    target: 'wasip1',
    files: { 'go.mod': GO_MOD, 'cmd/app/main.go': GO },
    source: './cmd/app',
  },
];

/** Whether all tools of a recipe are here; jest wants to know before it runs. */
function canBuild(language: CommandLanguage, target: CommandTarget): boolean {
  const script = `
    const { execFileSync } = require('node:child_process');
    const { mkdtempSync, rmSync } = require('node:fs');
    const cwd = mkdtempSync(require('node:path').join(require('node:os').tmpdir(), 'can-build-'));
    process.once('exit', () => rmSync(cwd, { recursive: true }));
    for (const words of JSON.parse(process.argv[1])) execFileSync(words[0], words.slice(1), { stdio: 'ignore', cwd, input: '' });`;
  const commands = findCommandRecipe(language, target)!.prerequisites.map(
    ({ command }) => command,
  );
  const places = ['clang', 'rust', 'jco/node_modules/.bin']
    .map(name => join(TOOLCHAINS, name, name.includes('/') ? '' : 'bin'))
    .join(':');
  try {
    execFileSync(process.execPath, ['-e', script, JSON.stringify(commands)], {
      stdio: 'ignore',
      env: { ...process.env, PATH: `${places}:${process.env.PATH}` },
    });
    return true;
  } catch {
    // One of them is missing, whatever it says.
    return false;
  }
}

describe('a command', () => {
  let directory: string;
  let lines: string[];
  const build = (options: Omit<Case, 'files'>) =>
    builder.build({ ...options, directory, log: line => lines.push(line) });

  async function write(files: Record<string, string>) {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), text);
    }
  }

  beforeEach(async () => {
    lines = [];
    directory = await mkdtemp(join(tmpdir(), 'command-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  for (const { language, target, files, source } of cases) {
    const here = canBuild(language, target);
    const tools = findCommandRecipe(language, target)!
      .prerequisites.map(({ tool }) => tool)
      .join(', ');
    (here ? it : it.skip)(
      `in ${language} for ${target} reads the folder that it is given, and no other (needs ${tools})`,
      async () => {
        await write(files);
        const built = await build({ language, target, source });
        expect(built.path).toBe(join(directory, 'module.wasm'));
        expect((await inspectModule(built.path)).entry).toBe('command');

        const data = join(directory, 'data');
        await mkdir(data);
        await writeFile(join(data, 'in.txt'), 'from the folder\n');
        await writeFile(join(directory, 'outside.txt'), 'secret\n');
        const engine = createModuleEngine({
          jco: () => toolchains.jco(),
          cacheDirectory: join(directory, 'cache'),
        });
        const run = (path: string) =>
          engine.runCommand({
            modulePath: built.path,
            args: ['tool', path],
            env: { GREETING: 'Hello' },
            directories: [
              { hostPath: data, guestPath: '/data', readOnly: true },
            ],
            timeoutMs: 60_000,
          });
        expect(await run('/data/in.txt')).toEqual({
          exitCode: 0,
          stdout: 'Hello from the folder\n',
          stderr: '',
        });
        for (const path of ['/data/../outside.txt', '/etc/passwd']) {
          const { exitCode, stdout } = await run(path);
          // WASI 0.2 knows success and failure, and no other codes.
          expect({ exitCode, stdout }).toEqual({
            exitCode: target === 'wasip2' ? 1 : 2,
            stdout: '',
          });
        }
        await engine.close();
      },
    );
  }

  for (const [language, file] of [
    ['c', 'src/main.c'],
    ['cpp', 'main.cpp'],
  ] as const) {
    const compiler = language === 'c' ? 'emcc' : 'em++';
    (canBuild(language, 'emscripten') ? it : it.skip)(
      `in ${language} for emscripten stands alone, and opens no files (needs ${compiler})`,
      async () => {
        await write({ [file]: language === 'c' ? C : CPP, 'in.txt': 'text' });
        const built = await build({ language, target: 'emscripten' });
        const engine = createModuleEngine({
          jco: async () => undefined,
          cacheDirectory: join(directory, 'cache'),
        });
        expect(
          await engine.runCommand({
            modulePath: built.path,
            args: ['tool', '/in.txt'],
            env: {},
            directories: [
              { hostPath: directory, guestPath: '/', readOnly: true },
            ],
            timeoutMs: 60_000,
          }),
        ).toEqual({
          exitCode: 2,
          stdout: '',
          stderr: 'open: Operation not permitted\n',
        });
        await engine.close();
      },
    );
  }

  (canBuild('c', 'emscripten-js') ? it : it.skip)(
    'in c for emscripten-js comes with the JavaScript that runs it (needs emcc)',
    async () => {
      await write({
        'main.c': '#include <stdio.h>\nint main() { puts("hosted"); }\n',
      });
      const built = await build({ language: 'c', target: 'emscripten-js' });
      expect(built.hostPath).toBe(join(directory, 'module.js'));
      expect(
        execFileSync(process.execPath, [built.hostPath!], { encoding: 'utf8' }),
      ).toBe('hosted\n');
    },
  );

  (canBuild('wat', 'wasip1') ? it : it.skip)(
    'in text is assembled as it is (needs the jco toolchain)',
    async () => {
      await write({ 'module.wat': WAT });
      const { path } = await build({ language: 'wat', target: 'wasip1' });
      expect(await inspectModule(path)).toMatchObject({
        kind: 'module',
        entry: 'command',
      });
      await write({
        'module.wat': '(module (func (export "_start") nonsense))',
      });
      await expect(
        build({ language: 'wat', target: 'wasip1' }),
      ).rejects.toMatchObject({
        code: 'BUILD_FAILED',
        message: expect.stringMatching(/^The source does not assemble: line 1/),
      });
    },
  );

  (canBuild('go', 'js') ? it.each : it.skip.each)([
    ['-toolexec=/tmp/x'],
    ['../other'],
    ['example.com/other@latest'],
    ['./cmd;id'],
  ])('is not built of the Go package %j (needs go)', async source => {
    await write({ 'go.mod': GO_MOD, 'main.go': GO });
    await expect(
      build({ language: 'go', target: 'js', source }),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/INPUT_INVALID|SOURCE_PATH_ESCAPES/),
    });
    expect(existsSync(join(directory, 'module.wasm'))).toBe(false);
  });

  it('names what is missing on this machine, before anything is built', async () => {
    const none = createToolchains(
      { toolchains: { directory, paths: {} } as never },
      { searchPath: '' },
    );
    await write({ 'main.c': C });
    await expect(
      createCommandBuilder({
        config,
        toolchains: none,
        runner: createBuildRunner({ config }),
        registry: {} as never,
      }).build({ language: 'c', target: 'emscripten', directory, log() {} }),
    ).rejects.toMatchObject({
      code: 'TOOLCHAIN_MISSING',
      message: 'C cannot be built on this machine: emcc is missing.',
      remedy: expect.stringMatching(/emscripten\.org/),
    });
  });

  it('says what a language can become', async () => {
    await expect(
      build({ language: 'rust', target: 'js' }),
    ).rejects.toMatchObject({
      code: 'BUILD_NOT_SUPPORTED',
      message: 'rust is not built for js.',
      remedy: 'Choose one of wasip1, wasip2.',
    });
  });

  (canBuild('wat', 'wasip1') ? it : it.skip)(
    'is not written through a link out of the folder (needs the jco toolchain)',
    async () => {
      const outside = await mkdtemp(join(tmpdir(), 'outside-'));
      await write({ 'module.wat': WAT });
      await symlink(outside, join(directory, 'out'));
      await expect(
        builder.build({
          language: 'wat',
          target: 'wasip1',
          directory,
          output: 'out/module.wasm',
          log() {},
        }),
      ).rejects.toMatchObject({ code: 'SOURCE_PATH_ESCAPES' });
      expect(existsSync(join(outside, 'module.wasm'))).toBe(false);
      await rm(outside, { recursive: true });
    },
  );
});
