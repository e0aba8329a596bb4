import { debianToolchain } from '../debian/debianToolchain.mjs';

const SWIFT = 'usr/libexec/swift';

/** Debian's Swift compiler, whose embedded library knows WebAssembly. */
export const swift = debianToolchain({
  url: import.meta.url,
  size: '940 MB, a download of 590 MB',
  programs: {
    swiftc: `${SWIFT}/bin/swiftc`,
    'swift-frontend': `${SWIFT}/bin/swift-frontend`,
    'swift-driver': `${SWIFT}/bin/swift-driver`,
  },
  // Debuggers, editors' servers, an older clang, what links programs for Linux, other targets.
  exclude: [
    '*/liblldb*',
    '*/lldb*',
    '*/libsourcekit*',
    '*/sourcekit*',
    '*/bin/clang*',
    '*/bin/lld',
    '*/docc',
    '*/libLTO*',
    '*/swift_static/*',
    '*/swift-package',
    '*/swift-format',
    '*/swift-build-sdk-interfaces',
    '*/embedded/*/a*',
    '*/embedded/*/i686*',
    '*/embedded/*/riscv*',
    '*/embedded/*/wasm64*',
    '*/embedded/*/x86*',
    './usr/share/*',
  ],
});
