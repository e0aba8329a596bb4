import { detectRuntime, findContradiction } from './detectRuntime';
import { runtimeEvidence } from './runtimeEvidence';
import { runtimes } from './runtimes';

const folder = (...files: (string | [string, string])[]) =>
  files.map(file =>
    typeof file === 'string'
      ? { path: file }
      : { path: file[0], content: file[1] },
  );

describe('detectRuntime', () => {
  it('knows what speaks for each runtime', () => {
    expect(Object.keys(runtimeEvidence).sort()).toEqual(
      runtimes.map(({ name }) => name).sort(),
    );
  });

  it.each([
    ['rust-wasi', ['Cargo.toml'], folder('Cargo.toml', 'src/lib.rs')],
    ['go-wasi', ['go.mod'], folder('go.mod', 'main.go', 'README.md')],
    [
      'js-wasi',
      ['package.json with src/index.ts'],
      folder(['package.json', '{}'], 'src/index.ts'),
    ],
    [
      'js-wasi',
      ['package.json'],
      folder(
        ['package.json', '{"devDependencies":{"@bytecodealliance/jco":"1"}}'],
        'server.js',
      ),
    ],
    ['js-wasi', ['handler.js'], folder('handler.js', 'answer.js')],
    ['python-wasi', ['app.py'], folder('app.py')],
    [
      'python-wasi',
      ['requirements.txt with main.py'],
      folder('requirements.txt', 'main.py'),
    ],
    [
      'c-wasi',
      ['CMakeLists.txt with src/handler.c'],
      folder('CMakeLists.txt', 'src/handler.c', 'src/handler.h'),
    ],
    [
      'c-wasi',
      ['Makefile with handler.c'],
      folder(['Makefile', 'all:\n\t$(CC) handler.c'], 'handler.c'),
    ],
    ['c-wasi', ['handler.c'], folder('handler.c', 'wasi_http.h')],
    [
      'cpp-wasi',
      ['CMakeLists.txt with src/a.cc'],
      folder('CMakeLists.txt', 'src/a.cc', 'src/glue.c'),
    ],
    ['dotnet-wasi', ['Function.csproj'], folder('Function.csproj', 'A.cs')],
    ['dotnet-wasi', ['app/App.csproj'], folder('App.sln', 'app/App.csproj')],
    ['swift-wasi', ['Package.swift'], folder('Package.swift')],
    ['wat-wasi', ['module.wat'], folder('module.wat', 'module.wasm')],
    ['prebuilt-wasi', ['hello.wasm'], folder('hello.wasm', 'README.md')],
  ])('tells %s by %j', (runtime, evidence, files) => {
    expect(detectRuntime(files)).toEqual([{ runtime, evidence }]);
  });

  it.each([
    [
      'a package.json for tools alone',
      'go-wasi',
      folder('go.mod', [
        'package.json',
        '{"devDependencies":{"prettier":"3"}}',
      ]),
    ],
    [
      'a Makefile that only starts other tools',
      'rust-wasi',
      folder('Cargo.toml', ['Makefile', 'all:\n\tcargo build'], 'src/shim.c'),
    ],
    [
      'a module that an earlier build left',
      'js-wasi',
      folder('handler.js', 'module.wasm'),
    ],
    [
      'a script beside a project',
      'rust-wasi',
      folder('Cargo.toml', 'release.py', 'handler.js'),
    ],
    [
      'what lies deep in the folder',
      'js-wasi',
      folder('handler.js', 'examples/go/go.mod', 'vendor/x/Cargo.toml'),
    ],
  ])('is not led astray by %s', (_, runtime, files) => {
    expect(detectRuntime(files).map(each => each.runtime)).toEqual([runtime]);
  });

  it('names both where two runtimes fit as well', () => {
    expect(detectRuntime(folder('go.mod', 'Cargo.toml', 'app.wasm'))).toEqual([
      { runtime: 'rust-wasi', evidence: ['Cargo.toml'] },
      { runtime: 'go-wasi', evidence: ['go.mod'] },
    ]);
  });

  it('names none where nothing is known', () => {
    expect(detectRuntime(folder('README.md', 'package.json'))).toEqual([]);
    expect(detectRuntime([])).toEqual([]);
  });

  it.each([
    ['tools/answer.mts', 'js-wasi'],
    ['hello.wat', 'wat-wasi'],
    ['dist/hello.wasm', 'prebuilt-wasi'],
    ['npm:hello@1.0.0/hello.wasm', 'prebuilt-wasi'],
    ['oci://ghcr.io/team/hello:1', 'prebuilt-wasi'],
  ])('goes by build.source first: %s is %s', (source, runtime) => {
    expect(detectRuntime(folder('go.mod'), { source })).toEqual([
      { runtime, evidence: ['build.source'] },
    ]);
  });

  it('goes by the files where build.source says nothing', () => {
    expect(detectRuntime(folder('go.mod'), { source: './cmd/fn' })).toEqual([
      { runtime: 'go-wasi', evidence: ['go.mod'] },
    ]);
  });
});

describe('findContradiction', () => {
  it('finds sources of another runtime, and none of the one named', () => {
    expect(findContradiction('rust-wasi', folder('go.mod'))).toEqual([
      { runtime: 'go-wasi', evidence: ['go.mod'] },
    ]);
    expect(findContradiction('c-wasi', folder('handler.cpp'))).toEqual([
      { runtime: 'cpp-wasi', evidence: ['handler.cpp'] },
    ]);
  });

  it.each([
    ['any sign of the runtime', 'js-wasi', folder('Cargo.toml', 'handler.js')],
    ['a module from elsewhere', 'prebuilt-wasi', folder('Cargo.toml')],
    ['nothing known', 'rust-wasi', folder('README.md')],
    ['only a built module', 'rust-wasi', folder('module.wasm')],
    ['a runtime of func', 'go', folder('Cargo.toml')],
  ])('finds none with %s', (_, runtime, files) => {
    expect(findContradiction(runtime, files)).toEqual([]);
  });
});
