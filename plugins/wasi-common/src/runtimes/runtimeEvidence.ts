/**
 * How much a file says about a runtime: a project file more than a source that
 * may be a helper, and a built module least, because builds leave them.
 *
 * @internal
 */
export const evidenceRanks = ['module', 'source', 'project'] as const;

/**
 * Files that speak for a runtime.
 *
 * @internal
 */
export interface EvidenceRule {
  rank: (typeof evidenceRanks)[number];
  /** Path in the function's folder, with `/`. */
  path: RegExp;
  /** What its text must hold, where the text is known. */
  contains?: RegExp;
  /** Another file that must be there. */
  with?: RegExp;
  /** A file that must not be there. */
  without?: RegExp;
}

const C = /^(?:src\/|source\/)?[^/]+\.c$/;
const CPP = /^(?:src\/|source\/)?[^/]+\.(?:cpp|cc|cxx|c\+\+)$/;
const JS_SOURCE =
  /^(?:(?:src\/)?index|(?:src\/)?handler)\.(?:[cm]?js|[cm]?ts|jsx|tsx)$/;
const BUILD_FILE = /^(?:CMakeLists\.txt|meson\.build)$/;
const MAKEFILE = /^(?:GNUm|[Mm])akefile$/;
const COMPILES =
  /\b(?:CC|CXX|CFLAGS|clang|gcc|cc|wasi-sdk|WASI_SDK_PATH)\b|\.o\b/;

function compiled(sources: RegExp, without?: RegExp): EvidenceRule[] {
  return [
    { rank: 'project', path: BUILD_FILE, with: sources, without },
    {
      rank: 'project',
      path: MAKEFILE,
      contains: COMPILES,
      with: sources,
      without,
    },
    { rank: 'source', path: sources, without },
  ];
}

/**
 * What speaks for which runtime, by the name of the runtime.
 *
 * @internal
 */
export const runtimeEvidence: Readonly<
  Record<
    string,
    {
      rules: readonly EvidenceRule[];
      /** Extensions of a file that `build.source` of func.yaml may name. */
      extensions: readonly string[];
    }
  >
> = {
  'js-wasi': {
    extensions: ['js', 'mjs', 'cjs', 'jsx', 'ts', 'mts', 'cts', 'tsx'],
    rules: [
      {
        rank: 'project',
        path: /^package\.json$/,
        contains:
          /"@bytecodealliance\/(?:jco|componentize-js|componentize-qjs|jco-std)"/,
      },
      // Many a repository has a package.json for its tools alone.
      { rank: 'project', path: /^package\.json$/, with: JS_SOURCE },
      { rank: 'source', path: JS_SOURCE },
    ],
  },
  'rust-wasi': {
    extensions: ['rs'],
    rules: [{ rank: 'project', path: /^Cargo\.toml$/ }],
  },
  'go-wasi': {
    extensions: ['go'],
    rules: [
      { rank: 'project', path: /^go\.mod$/ },
      { rank: 'source', path: /^[^/]+\.go$/ },
    ],
  },
  'python-wasi': {
    extensions: ['py'],
    rules: [
      { rank: 'project', path: /^app\.py$/ },
      {
        rank: 'project',
        path: /^(?:pyproject\.toml|requirements\.txt)$/,
        contains: /\bcomponentize-py\b/,
      },
      {
        rank: 'project',
        path: /^(?:pyproject\.toml|requirements\.txt|setup\.py|Pipfile)$/,
        with: /^(?:src\/)?(?!setup\.py$)[^/]+\.py$/,
      },
      { rank: 'source', path: /^(?!setup\.py$)[^/]+\.py$/ },
    ],
  },
  'c-wasi': { extensions: ['c'], rules: compiled(C, CPP) },
  'cpp-wasi': { extensions: ['cpp', 'cc', 'cxx'], rules: compiled(CPP) },
  'dotnet-wasi': {
    extensions: ['cs', 'csproj'],
    rules: [{ rank: 'project', path: /^(?:[^/]+\/)?[^/]+\.csproj$/ }],
  },
  'swift-wasi': {
    extensions: ['swift'],
    rules: [{ rank: 'project', path: /^Package\.swift$/ }],
  },
  'wat-wasi': {
    extensions: ['wat', 'wast'],
    rules: [{ rank: 'source', path: /^(?:src\/)?[^/]+\.wat$/ }],
  },
  'prebuilt-wasi': {
    extensions: ['wasm'],
    rules: [{ rank: 'module', path: /^[^/]+\.wasm$/ }],
  },
};
