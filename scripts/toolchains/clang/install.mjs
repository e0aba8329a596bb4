import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianToolchain } from '../debian/debianToolchain.mjs';

const LLVM = 'usr/lib/llvm-19';

/** clang, its linker and the C and C++ libraries for wasm32-wasip2, of Debian. */
export const clang = debianToolchain({
  url: import.meta.url,
  size: '300 MB',
  programs: {
    clang: `${LLVM}/bin/clang`,
    'clang++': `${LLVM}/bin/clang++`,
    'wasm-ld': `${LLVM}/bin/wasm-ld`,
  },
  finish: addTargets,
});

async function addTargets(root) {
  // Where clang looks for them: Debian has compiler-rt and libc++ under the older target's name.
  const runtime = join(root, LLVM, 'lib/clang/19/lib/wasm32-unknown-wasip2');
  await mkdir(runtime, { recursive: true });
  await symlink(
    '../wasi/libclang_rt.builtins-wasm32.a',
    join(runtime, 'libclang_rt.builtins.a'),
  );
  for (const name of ['libc++.a', 'libc++abi.a']) {
    await symlink(
      `../wasm32-wasi/${name}`,
      join(root, 'usr/lib/wasm32-wasip2', name),
    );
  }
  await symlink(
    '../wasm32-wasi/c++',
    join(root, 'usr/include/wasm32-wasip2/c++'),
  );
  // The older target is that of plain WASI 0.1 programs.
  for (const target of ['wasip2', 'wasi']) {
    await writeFile(
      join(root, LLVM, `bin/wasm32-unknown-${target}.cfg`),
      '--sysroot=<CFGDIR>/../../..\n',
    );
  }
}
