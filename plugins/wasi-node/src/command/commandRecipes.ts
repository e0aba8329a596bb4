import {
  findRuntime,
  stepPlaceholders,
  type Runtime,
  type RuntimePrerequisite,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { CommandLanguage, CommandTarget } from './types';

const { output, scratch, source, sources } = stepPlaceholders;

/** Emscripten's JavaScript names its module, so both need names of their own. */
export const HOST_OUTPUT = `${scratch}/hosted/module.js`;

const C_SOURCES = ['main.c', 'src/main.c', '*.c', 'src/*.c'];
const CPP_SOURCES = ['main.cpp', 'src/main.cpp', '*.cpp', 'src/*.cpp'];
const GO_FLAGS = ['-trimpath', '-buildvcs=false', '-ldflags=-s -w'];

const recipes: Record<string, Runtime> = {
  'c wasip1': recipe('C', {
    sources: C_SOURCES,
    prerequisites: clang('clang', 'c', 'stdlib.h'),
    command: clangCommand('clang'),
  }),
  'cpp wasip1': recipe('C++', {
    sources: CPP_SOURCES,
    prerequisites: clang('clang++', 'c++', 'string'),
    command: clangCommand('clang++', '-fno-exceptions'),
  }),
  'c emscripten': recipe('C', {
    sources: C_SOURCES,
    prerequisites: [emscripten('emcc')],
    command: ['emcc', '-Os', '-sSTANDALONE_WASM', '-o', output, sources],
  }),
  'cpp emscripten': recipe('C++', {
    sources: CPP_SOURCES,
    prerequisites: [emscripten('em++')],
    command: ['em++', '-Os', '-sSTANDALONE_WASM', '-o', output, sources],
  }),
  'c emscripten-js': recipe('C', {
    sources: C_SOURCES,
    prerequisites: [emscripten('emcc')],
    command: hosted('emcc'),
    output: HOST_OUTPUT.replace(/js$/, 'wasm'),
  }),
  'cpp emscripten-js': recipe('C++', {
    sources: CPP_SOURCES,
    prerequisites: [emscripten('em++')],
    command: hosted('em++'),
    output: HOST_OUTPUT.replace(/js$/, 'wasm'),
  }),
  'rust wasip1': rust('wasm32-wasip1'),
  'rust wasip2': rust('wasm32-wasip2'),
  'go wasip1': go('wasip1'),
  'go js': go('js'),
  'wat wasip1': {
    ...recipe('WebAssembly text', {
      sources: ['module.wat', 'src/module.wat', '*.wat'],
      prerequisites: findRuntime('wat-wasi')!.prerequisites,
      command: ['jco', 'parse', source, '-o', output],
    }),
    strategy: 'text',
  },
};

/**
 * How a language becomes a command; undefined where it does not become that.
 *
 * @internal
 */
export function findCommandRecipe(
  language: CommandLanguage,
  target: CommandTarget,
): Runtime | undefined {
  return Object.hasOwn(recipes, `${language} ${target}`)
    ? recipes[`${language} ${target}`]
    : undefined;
}

/** What each language can become. @internal */
export function commandTargets(language: CommandLanguage): string[] {
  return Object.keys(recipes)
    .filter(name => name.startsWith(`${language} `))
    .map(name => name.slice(language.length + 1));
}

function recipe(
  language: string,
  options: {
    sources: string[];
    prerequisites: RuntimePrerequisite[];
    command: string[];
    env?: Record<string, string>;
    output?: string;
    network?: boolean;
  },
): Runtime {
  const { command, env, ...rest } = options;
  return {
    name: `${language} command`,
    label: `${language} command`,
    language,
    maturity: 'stable',
    strategy: 'commands',
    steps: [{ label: `Compile ${language}`, command, env }],
    output: 'module.wasm',
    ...rest,
  };
}

function clangCommand(compiler: string, ...more: string[]): string[] {
  return [
    compiler,
    // As every wasi-libc and wasi-sdk names WASI 0.1, also before there was another.
    '--target=wasm32-wasi',
    '-fuse-ld=lld',
    // By the compiler alone: told of it, clang starts a wasm-opt that it happens to find.
    '-Xclang',
    '-Os',
    '-Wl,--strip-debug',
    // Wherever the source lies, the same module comes of it.
    `-ffile-prefix-map=${scratch}=.`,
    '-I.',
    '-Iinclude',
    ...more,
    '-o',
    output,
    sources,
  ];
}

function clang(
  compiler: string,
  language: string,
  header: string,
): RuntimePrerequisite[] {
  const install =
    'Install wasi-sdk from github.com/WebAssembly/wasi-sdk and set WASI_SDK_PATH to its folder, or put its bin folder on the PATH.';
  return [
    {
      tool: compiler,
      command: [compiler, '--version'],
      versionPattern: 'clang version ([0-9]+\\.[0-9]+)',
      minimum: '14.0',
      install,
    },
    {
      tool: `wasm32-wasi of ${compiler}`,
      command: [
        compiler,
        '--target=wasm32-wasi',
        '-fuse-ld=lld',
        '-x',
        language,
        '-include',
        header,
        '-Wl,--no-entry',
        '-nostartfiles',
        '-o',
        'check.wasm',
        '/dev/null',
      ],
      install,
    },
  ];
}

function hosted(compiler: string): string[] {
  return [
    compiler,
    // More than this and the JavaScript is minified by a Node and an acorn of Emscripten's own.
    '-O1',
    '-sENVIRONMENT=node',
    // Node's own fetch takes no file names, which is how older Emscriptens look for the module.
    '-sWASM_ASYNC_COMPILATION=0',
    '-o',
    HOST_OUTPUT,
    sources,
  ];
}

function emscripten(compiler: string): RuntimePrerequisite {
  return {
    tool: compiler,
    command: [compiler, '--version'],
    versionPattern: 'emcc .* ([0-9]+\\.[0-9]+\\.[0-9]+)',
    minimum: '3.1.0',
    install:
      'Install Emscripten from emscripten.org (on Debian: `apt install emscripten`, 800 MB).',
  };
}

function rust(target: string): Runtime {
  const runtime = findRuntime('rust-wasi')!;
  const cargo = runtime.prerequisites.filter(({ tool }) =>
    ['cargo', 'cc'].includes(tool),
  );
  return recipe('Rust', {
    sources: ['Cargo.toml'],
    prerequisites: [
      ...cargo,
      {
        tool: `${target} target`,
        // Without its library, no sysroot holds a `core` to compile with.
        command: [
          'rustc',
          `--target=${target}`,
          '--crate-type=lib',
          '--emit=metadata',
          '--out-dir=.',
          '-',
        ],
        install: `Add the target with \`rustup target add ${target}\`.`,
      },
    ],
    command: [
      'cargo',
      'build',
      '--release',
      `--target=${target}`,
      `--target-dir=${scratch}/target`,
      `--config=target.${target}.rustflags=["--remap-path-prefix=${scratch}=."]`,
    ],
    output: `${scratch}/target/${target}/release/*.wasm`,
    network: true,
  });
}

function go(goos: string): Runtime {
  const { prerequisites } = findRuntime('go-wasi')!;
  return recipe('Go', {
    sources: ['go.mod'],
    prerequisites: prerequisites.filter(({ tool }) => tool === 'go'),
    command: ['go', 'build', ...GO_FLAGS, '-o', output, source],
    env: { GOOS: goos, GOARCH: 'wasm', GOTOOLCHAIN: 'local', CGO_ENABLED: '0' },
    network: true,
  });
}
