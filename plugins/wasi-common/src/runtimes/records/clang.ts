import { toolVersions } from '../pinnedVersions';
import type { RuntimePrerequisite, WorkflowStep } from '../types';

const install =
  'Install wasi-sdk from github.com/WebAssembly/wasi-sdk and set WASI_SDK_PATH to its folder, or put its bin folder on the PATH.';

/** What compiles to a core module; the portal makes it a component. */
export const target = [
  '--target=wasm32-wasip2',
  // A command (wasi:cli/run) comes out without it, which the runner refuses.
  '-mexec-model=reactor',
  // The linker of wasip2 is wasm-component-ld, which few but wasi-sdk bring.
  '-fuse-ld=lld',
];

/** Optimised and without what only debuggers read. */
export const release = [
  // By the compiler alone: told of it, clang starts a wasm-opt that it happens to find.
  '-Xclang',
  '-Os',
  '-Wl,--strip-debug',
];

/** The compiler, and a proof that it has a linker and a library for WASI. */
export function clang(
  compiler: 'clang' | 'clang++',
  { language, header }: { language: string; header: string },
): RuntimePrerequisite[] {
  return [
    {
      tool: compiler,
      command: [compiler, '--version'],
      versionPattern: 'clang version ([0-9]+\\.[0-9]+)',
      minimum: '19.0',
      install,
    },
    {
      tool: `wasm32-wasip2 of ${compiler}`,
      command: [
        compiler,
        ...target,
        '-x',
        language,
        '-include',
        header,
        '-o',
        'check.wasm',
        '/dev/null',
      ],
      install,
    },
  ];
}

/** wasi-sdk on a machine of GitHub Actions. */
export const setupWasiSdk: WorkflowStep = {
  name: 'Install wasi-sdk',
  run: [
    'mkdir "$RUNNER_TEMP/wasi-sdk"',
    'curl --fail --silent --show-error --location \\',
    `  https://github.com/WebAssembly/wasi-sdk/releases/download/wasi-sdk-${toolVersions['wasi-sdk']}/wasi-sdk-${toolVersions['wasi-sdk']}.0-x86_64-linux.tar.gz \\`,
    '  | tar --extract --gzip --strip-components=1 --directory "$RUNNER_TEMP/wasi-sdk"',
    'echo "WASI_SDK_PATH=$RUNNER_TEMP/wasi-sdk" >> "$GITHUB_ENV"',
  ].join('\n'),
};
