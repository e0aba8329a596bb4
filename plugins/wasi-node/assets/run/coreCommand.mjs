import { WASI } from 'node:wasi';

const ERRNO_ROFS = 69;
const OFLAGS_CREATE_OR_TRUNCATE = 1 | 8;
const RIGHT_FD_WRITE = 1n << 6n;
const FIRST_PREOPEN = 3;

/**
 * Runs a WASI 0.1 command and answers its exit code.
 *
 * node:wasi knows no read-only directory, so the calls that write are refused here.
 */
export function runCoreCommand(bytes, { args, env, directories }) {
  const wasi = new WASI({
    version: 'preview1',
    args,
    env,
    preopens: Object.fromEntries(
      directories.map(({ guestPath, hostPath }) => [guestPath, hostPath]),
    ),
    returnOnExit: true,
  });
  const readOnly = new Set(
    directories.flatMap((directory, index) =>
      directory.readOnly ? [FIRST_PREOPEN + index] : [],
    ),
  );
  const guest = {};
  const imports = wasi.getImportObject();
  const preview1 = {
    ...imports.wasi_snapshot_preview1,
    ...refuseWrites(
      imports.wasi_snapshot_preview1,
      readOnly,
      () => guest.memory,
    ),
  };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    wasi_snapshot_preview1: preview1,
  });
  guest.memory = instance.exports.memory;
  return wasi.start(instance);
}

function refuseWrites(calls, readOnly, memory) {
  const whenFirst = name => [
    name,
    (...args) => (readOnly.has(args[0]) ? ERRNO_ROFS : calls[name](...args)),
  ];
  return {
    ...Object.fromEntries(
      [
        'path_create_directory',
        'path_remove_directory',
        'path_unlink_file',
        'path_filestat_set_times',
        'fd_filestat_set_size',
        'fd_filestat_set_times',
        'fd_allocate',
        'fd_write',
        'fd_pwrite',
      ].map(whenFirst),
    ),
    path_rename: (from, fromPath, fromSize, to, ...rest) =>
      readOnly.has(from) || readOnly.has(to)
        ? ERRNO_ROFS
        : calls.path_rename(from, fromPath, fromSize, to, ...rest),
    path_link: (from, flags, fromPath, fromSize, to, ...rest) =>
      readOnly.has(from) || readOnly.has(to)
        ? ERRNO_ROFS
        : calls.path_link(from, flags, fromPath, fromSize, to, ...rest),
    path_symlink: (target, targetSize, to, ...rest) =>
      readOnly.has(to)
        ? ERRNO_ROFS
        : calls.path_symlink(target, targetSize, to, ...rest),
    path_open(fd, dirflags, path, size, oflags, rights, inheriting, ...rest) {
      const below = readOnly.has(fd);
      if (below && oflags & OFLAGS_CREATE_OR_TRUNCATE) {
        return ERRNO_ROFS;
      }
      // Guests ask for every right and write later; fd_write refuses then.
      const granted = below ? rights & ~RIGHT_FD_WRITE : rights;
      const errno = calls.path_open(
        fd,
        dirflags,
        path,
        size,
        oflags,
        granted,
        inheriting,
        ...rest,
      );
      if (errno === 0) {
        const opened = new DataView(memory().buffer).getUint32(
          rest.at(-1),
          true,
        );
        if (below) {
          readOnly.add(opened);
        } else {
          readOnly.delete(opened);
        }
      }
      return errno;
    },
  };
}
