import versions from './toolVersions.json';

/**
 * The versions that skeletons, checks, installers and documentation name, by tool or library.
 *
 * Not `toolVersions.ts`: beside the JSON of that name, Node would take the JSON. Its names
 * stand here once more, because the declarations of a package cannot import JSON.
 *
 * @public
 */
export const toolVersions: Readonly<
  Record<
    | 'jco'
    | 'componentize-qjs'
    | 'componentize-py'
    | 'python'
    | 'node'
    | 'go'
    | 'rust'
    | 'rustup'
    | 'wasm-component-ld'
    | 'wasi-sdk'
    | 'clang'
    | 'swift'
    | 'dotnet'
    | 'wkg',
    string
  >
> = versions;
