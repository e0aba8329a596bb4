import { stepPlaceholders } from './placeholders';
import type { Runtime, RuntimePrerequisite, RuntimeStep } from './types';

const { source, wit, core, embedded, output, crate } = stepPlaceholders;

const jco: RuntimePrerequisite = {
  tool: 'jco',
  command: ['jco', '--version'],
  versionPattern: '([0-9]+\\.[0-9]+\\.[0-9]+)',
  minimum: '1.34.0',
  install:
    'Install jco with `npm install -g @bytecodealliance/jco@1.34.0` (Node 20 or newer, about 340 MB).',
};

const clang: RuntimePrerequisite = {
  tool: 'clang',
  command: ['clang', '--version'],
  versionPattern: 'clang version ([0-9]+\\.[0-9]+)',
  minimum: '19.0',
  install:
    'Install wasi-sdk from github.com/WebAssembly/wasi-sdk and put its bin folder on the PATH.',
};

const componentLinker: RuntimePrerequisite = {
  tool: 'wasm-component-ld',
  command: ['wasm-component-ld', '--version'],
  versionPattern: '([0-9]+\\.[0-9]+\\.[0-9]+)',
  install:
    'Install wasm-component-ld: wasi-sdk brings it, or run `cargo install wasm-component-ld`.',
};

const embedAndNew: RuntimeStep[] = [
  {
    label: 'Attach the WIT world',
    command: [
      'jco',
      'embed',
      core,
      '--wit',
      wit,
      '-n',
      'function',
      '-o',
      embedded,
    ],
  },
  {
    label: 'Make it a component',
    command: ['jco', 'new', embedded, '--wasi-reactor', '-o', output],
  },
];

/**
 * The runtimes, most used first.
 *
 * @public
 */
export const runtimes: readonly Runtime[] = [
  {
    name: 'js-wasi',
    label: 'JavaScript',
    language: 'JavaScript',
    maturity: 'stable',
    sources: [
      'src/index.js',
      'src/index.ts',
      'index.js',
      'index.ts',
      'handler.js',
      'handler.ts',
    ],
    strategy: 'commands',
    prerequisites: [jco],
    steps: [
      {
        label: 'Compile JavaScript to a component',
        command: [
          'jco',
          'componentize',
          source,
          // Without it, imports resolve against the working directory.
          '--bundle',
          '-w',
          wit,
          '-n',
          'function',
          '-o',
          output,
        ],
      },
    ],
    output: 'module.wasm',
    memoryLimit: '512Mi',
    buildable: true,
  },
  {
    name: 'rust-wasi',
    label: 'Rust',
    language: 'Rust',
    maturity: 'stable',
    sources: ['Cargo.toml'],
    strategy: 'commands',
    prerequisites: [
      {
        tool: 'cargo',
        command: ['cargo', '--version'],
        versionPattern: 'cargo ([0-9]+\\.[0-9]+\\.[0-9]+)',
        minimum: '1.82.0',
        install: 'Install Rust from rustup.rs.',
      },
      {
        tool: 'wasm32-wasip2 target',
        command: [
          'rustc',
          '--target',
          'wasm32-wasip2',
          '--print',
          'target-libdir',
        ],
        install:
          'Add the target with `rustup target add wasm32-wasip2` (on Debian sid: `apt install libstd-rust-dev-wasm32`).',
      },
    ],
    steps: [
      {
        label: 'Compile Rust to a component',
        command: ['cargo', 'build', '--release', '--target', 'wasm32-wasip2'],
      },
    ],
    output: `target/wasm32-wasip2/release/${crate}.wasm`,
    memoryLimit: '64Mi',
    buildable: false,
  },
  {
    name: 'go-wasi',
    label: 'Go',
    language: 'Go',
    maturity: 'stable',
    sources: ['go.mod'],
    strategy: 'commands',
    prerequisites: [
      {
        tool: 'go',
        command: ['go', 'version'],
        versionPattern: 'go([0-9]+\\.[0-9]+(?:\\.[0-9]+)?)',
        minimum: '1.24',
        install: 'Install Go 1.24 or newer from go.dev/dl.',
      },
      jco,
    ],
    steps: [
      {
        label: 'Compile Go to a core module',
        command: [
          'go',
          'build',
          '-buildmode=c-shared',
          '-ldflags=-s -w -checklinkname=0',
          '-o',
          core,
          '.',
        ],
        // Without GOTOOLCHAIN, go may try to download another Go.
        env: { GOOS: 'wasip1', GOARCH: 'wasm', GOTOOLCHAIN: 'local' },
      },
      ...embedAndNew,
    ],
    output: 'module.wasm',
    memoryLimit: '128Mi',
    buildable: false,
  },
  {
    name: 'python-wasi',
    label: 'Python',
    language: 'Python',
    maturity: 'stable',
    sources: ['app.py'],
    strategy: 'commands',
    prerequisites: [
      {
        tool: 'python3',
        command: ['python3', '--version'],
        versionPattern: 'Python ([0-9]+\\.[0-9]+)',
        minimum: '3.10',
        install: 'Install Python 3.10 or newer.',
      },
      {
        tool: 'componentize-py',
        command: ['componentize-py', '--version'],
        versionPattern: '([0-9]+\\.[0-9]+\\.[0-9]+)',
        minimum: '0.17.0',
        install: 'Install componentize-py with `pip install componentize-py`.',
      },
    ],
    steps: [
      {
        label: 'Compile Python to a component',
        // The last argument but two is the name of the Python module app.py.
        command: [
          'componentize-py',
          '-d',
          wit,
          '-w',
          'function',
          'componentize',
          'app',
          '-o',
          output,
        ],
      },
    ],
    output: 'module.wasm',
    memoryLimit: '1Gi',
    buildable: false,
  },
  {
    name: 'c-wasi',
    label: 'C',
    language: 'C',
    maturity: 'stable',
    sources: ['handler.c'],
    strategy: 'commands',
    prerequisites: [clang, componentLinker],
    steps: [
      {
        label: 'Compile C to a component',
        command: [
          'clang',
          '--target=wasm32-wasip2',
          '-O2',
          // A command (wasi:cli/run) comes out without it, which the runner refuses.
          '-mexec-model=reactor',
          '-Wl,--strip-debug',
          `-Wl,--component-type=${wit}`,
          '-o',
          output,
          source,
        ],
      },
    ],
    output: 'module.wasm',
    memoryLimit: '64Mi',
    buildable: false,
  },
  {
    name: 'cpp-wasi',
    label: 'C++',
    language: 'C++',
    maturity: 'stable',
    sources: ['handler.cpp', 'handler.cc'],
    strategy: 'commands',
    prerequisites: [
      { ...clang, tool: 'clang++', command: ['clang++', '--version'] },
      componentLinker,
    ],
    steps: [
      {
        label: 'Compile C++ to a component',
        command: [
          'clang++',
          '--target=wasm32-wasip2',
          '-O2',
          // The runner's engine has WebAssembly exceptions switched off.
          '-fno-exceptions',
          '-mexec-model=reactor',
          '-Wl,--strip-debug',
          `-Wl,--component-type=${wit}`,
          '-o',
          output,
          source,
        ],
      },
    ],
    output: 'module.wasm',
    memoryLimit: '64Mi',
    buildable: false,
  },
  {
    name: 'dotnet-wasi',
    label: '.NET',
    language: 'C#',
    maturity: 'experimental',
    sources: ['*.csproj'],
    strategy: 'commands',
    prerequisites: [
      {
        tool: 'dotnet',
        command: ['dotnet', '--version'],
        versionPattern: '([0-9]+\\.[0-9]+\\.[0-9]+)',
        minimum: '10.0',
        install:
          'Install the .NET 10 SDK from dotnet.microsoft.com, and allow the dotnet-experimental NuGet feed.',
      },
    ],
    steps: [
      {
        label: 'Compile C# to a component',
        command: ['dotnet', 'build', '-c', 'Release'],
      },
    ],
    output: 'bin/Release/*/wasi-wasm/native/*.wasm',
    memoryLimit: '256Mi',
    buildable: false,
  },
  {
    name: 'swift-wasi',
    label: 'Swift',
    language: 'Swift',
    maturity: 'experimental',
    sources: ['Package.swift'],
    strategy: 'commands',
    prerequisites: [
      {
        tool: 'swift',
        command: ['swift', '--version'],
        versionPattern: 'Swift version ([0-9]+\\.[0-9]+)',
        minimum: '6.0',
        install: 'Install Swift 6.2 or newer from swift.org/install.',
      },
      {
        tool: 'Swift SDK for WebAssembly',
        command: [
          'swift',
          'sdk',
          'configure',
          '--show-configuration',
          'swift-6.2.3-RELEASE_wasm',
          'wasm32-unknown-wasip1',
        ],
        install:
          'Install the WebAssembly SDK with `swift sdk install`, as swift.org/documentation/articles/wasm-getting-started.html tells.',
      },
      jco,
    ],
    steps: [
      {
        label: 'Compile Swift to a core module',
        command: [
          'swift',
          'build',
          '-c',
          'release',
          '--swift-sdk',
          'swift-6.2.3-RELEASE_wasm',
          '-Xswiftc',
          '-Xclang-linker',
          '-Xswiftc',
          '-mexec-model=reactor',
        ],
      },
      ...embedAndNew,
    ],
    output: 'module.wasm',
    memoryLimit: '128Mi',
    buildable: false,
  },
  {
    name: 'wat-wasi',
    label: 'WebAssembly text',
    language: 'WebAssembly',
    maturity: 'stable',
    sources: ['module.wat', 'src/module.wat', '*.wat'],
    strategy: 'text',
    prerequisites: [jco],
    steps: [
      {
        label: 'Assemble WebAssembly text',
        command: ['jco', 'parse', source, '-o', core],
      },
      ...embedAndNew,
    ],
    output: 'module.wasm',
    memoryLimit: '64Mi',
    buildable: true,
  },
  {
    name: 'prebuilt-wasi',
    label: 'Existing module',
    language: 'WebAssembly',
    maturity: 'stable',
    sources: ['module.wasm', '*.wasm'],
    strategy: 'prebuilt',
    prerequisites: [],
    steps: [],
    output: 'module.wasm',
    buildable: true,
  },
];
