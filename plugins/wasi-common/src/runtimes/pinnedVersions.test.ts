import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { toolVersions } from './pinnedVersions';

const ROOT = resolve(__dirname, '../../../..');

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function debian(toolchain: string, name: string): string | undefined {
  const lock: { packages: { name: string; version: string }[] } = JSON.parse(
    read(`scripts/toolchains/${toolchain}/packages.lock.json`),
  );
  return lock.packages
    .find(each => each.name === name)
    ?.version.replace(/^\d+:|-.*$/g, '');
}

describe('the table of versions', () => {
  it('says what the installers install', () => {
    expect({
      jco: JSON.parse(read('scripts/toolchains/jco/package.json')).dependencies[
        '@bytecodealliance/jco'
      ],
      'componentize-py': /^componentize-py==(\S+)/m.exec(
        read('scripts/toolchains/python/requirements.txt'),
      )?.[1],
      rust: JSON.parse(read('scripts/toolchains/rust/rustup.json')).toolchain,
      rustup: JSON.parse(read('scripts/toolchains/rust/rustup.json')).version,
      clang: debian('clang', 'clang-19'),
      swift: debian('swift', 'swiftlang'),
    }).toEqual({
      jco: toolVersions.jco,
      'componentize-py': toolVersions['componentize-py'],
      rust: toolVersions.rust,
      rustup: toolVersions.rustup,
      clang: toolVersions.clang,
      swift: toolVersions.swift,
    });
  });

  it('has what the function in Rust needs', () => {
    const minimum = /^rust-version = "(.*)"$/m.exec(
      read('templates/wasi-function/skeletons/rust-wasi/Cargo.toml'),
    )?.[1];
    const [, minor] = toolVersions.rust.split('.').map(Number);
    expect(minor).toBeGreaterThanOrEqual(Number(minimum?.split('.')[1]));
  });

  it('has what the function in Swift needs', () => {
    const minimum = /^\/\/ swift-tools-version: (.*)$/m.exec(
      read('templates/wasi-function/skeletons/swift-wasi/Package.swift'),
    )?.[1];
    expect(Number.parseFloat(toolVersions.swift)).toBeGreaterThanOrEqual(
      Number(minimum),
    );
  });
});
