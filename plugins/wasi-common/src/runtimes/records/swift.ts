import { stepPlaceholders } from '../placeholders';
import { toolVersions } from '../pinnedVersions';
import type { Runtime } from '../types';
import { embedAndNewCommands } from './embedAndNew';
import { jco, setupNode } from './jco';

const { sources, core, scratch } = stepPlaceholders;
/** Relative: what is compiled depends on its name. */
const OBJECT = '../function.o';

/** No SDK is needed: what Swift wants of a C library is in runtime.c. */
const embedded = [
  '-target',
  'wasm32-unknown-none-wasm',
  '-enable-experimental-feature',
  'Embedded',
  '-enable-experimental-feature',
  'Extern',
];
const release = [
  '-wmo',
  '-Osize',
  '-parse-as-library',
  '-module-name',
  'Function',
];
const freestanding = [
  '--target=wasm32-unknown-unknown',
  '-fuse-ld=lld',
  '-nostdlib',
  '-ffreestanding',
  // A memset must not be compiled to a call of itself.
  '-fno-builtin',
  '-mbulk-memory',
  '-Wl,--no-entry',
];
const install = `Install Swift ${toolVersions.swift} or newer from swift.org/install, and put its bin folder on the PATH.`;

export const swift: Runtime = {
  name: 'swift-wasi',
  label: 'Swift',
  language: 'Swift',
  maturity: 'experimental',
  sources: ['Sources/Handler.swift', 'Sources/*.swift'],
  strategy: 'commands',
  prerequisites: [
    {
      tool: 'swift',
      command: ['swiftc', '--version'],
      versionPattern: 'Swift version ([0-9]+\\.[0-9]+)',
      // Strings came to Embedded Swift with it.
      minimum: '6.1',
      install,
    },
    {
      tool: 'Embedded Swift for WebAssembly',
      command: ['swiftc', ...embedded, '-typecheck', '-'],
      install,
    },
    {
      tool: 'clang for WebAssembly',
      command: [
        'clang',
        ...freestanding,
        '-x',
        'c',
        '-o',
        'check.wasm',
        '/dev/null',
      ],
      install:
        'Install a clang with lld that compiles to WebAssembly: Swift from swift.org brings one.',
    },
    jco,
  ],
  steps: [
    {
      label: 'Compile Swift',
      command: [
        'swiftc',
        ...embedded,
        ...release,
        // Wherever the source lies, the same module comes of it.
        '-file-prefix-map',
        `${scratch}=.`,
        '-c',
        sources,
        '-o',
        OBJECT,
      ],
    },
    {
      label: 'Link a core module',
      command: [
        'clang',
        ...freestanding,
        // By the compiler alone: told of it, clang starts a wasm-opt that it happens to find.
        '-Xclang',
        '-Os',
        '-Wl,--strip-debug',
        `-ffile-prefix-map=${scratch}=.`,
        '-o',
        core,
        OBJECT,
        'Sources/runtime.c',
      ],
    },
  ],
  output: 'module.wasm',
  memoryLimit: '64Mi',
  skeleton: {
    files: [
      {
        path: 'Sources/Handler.swift',
        purpose: 'answers a request; begin here',
      },
      { path: 'Tests/', purpose: 'its tests' },
      {
        path: 'Sources/Function.swift',
        purpose: 'what Handler.swift is written with',
      },
      {
        path: 'Sources/WASI.swift',
        purpose: 'how requests and answers pass through WASI',
      },
      {
        path: 'Sources/runtime.c',
        purpose: 'memory, and what else Swift takes from a C library',
      },
      { path: 'wit/', purpose: 'the interfaces that the module may use' },
    ],
    setup: [
      {
        name: 'Install Swift',
        run: [
          'mkdir "$RUNNER_TEMP/swift"',
          'curl --fail --silent --show-error --location \\',
          `  https://download.swift.org/swift-${toolVersions.swift}-release/ubuntu2404/swift-${toolVersions.swift}-RELEASE/swift-${toolVersions.swift}-RELEASE-ubuntu24.04.tar.gz \\`,
          '  | tar --extract --gzip --strip-components=2 --directory "$RUNNER_TEMP/swift"',
          'echo "$RUNNER_TEMP/swift/bin" >> "$GITHUB_PATH"',
        ].join('\n'),
      },
      setupNode,
    ],
    test: 'swift test',
    build: [
      `swiftc ${embedded.join(' ')} ${release.join(
        ' ',
      )} -c Sources/*.swift -o function.o`,
      `clang ${freestanding.join(
        ' ',
      )} -Xclang -Os -Wl,--strip-debug -o core.wasm function.o Sources/runtime.c`,
      ...embedAndNewCommands,
    ],
    ignored: ['/.build/', '/function.o', '/core.wasm', '/embedded.wasm'],
  },
};
