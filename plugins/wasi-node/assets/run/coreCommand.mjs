/* eslint-disable no-throw-literal -- what is thrown names an error of WASI */
import { realpathSync } from 'node:fs';
import { WASI } from 'node:wasi';
import { stayInside } from './filesystem.mjs';

// Numbers of https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md
const ERRNO = {
  access: 2,
  'bad-descriptor': 8,
  'illegal-byte-sequence': 25,
  invalid: 28,
  loop: 32,
  'name-too-long': 37,
  'no-entry': 44,
  'not-directory': 54,
  'not-permitted': 76,
};
const ERRNO_ROFS = 69;
const OFLAGS_CREATE_OR_TRUNCATE = 1 | 8;
const RIGHT_FD_WRITE = 1n << 6n;
const FIRST_PREOPEN = 3;

/**
 * Runs a WASI 0.1 command and answers its exit code.
 *
 * node:wasi knows no read-only directory and follows a link to a folder wherever
 * it leads, so what writes and what leads out is refused here.
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
  const places = new Map(
    directories.map(({ hostPath, readOnly }, index) => {
      const root = realpathSync(hostPath);
      return [FIRST_PREOPEN + index, { root, path: root, readOnly }];
    }),
  );
  const guest = {};
  const calls = wasi.getImportObject().wasi_snapshot_preview1;
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    wasi_snapshot_preview1: {
      ...calls,
      ...guardCalls(calls, { places, memory: () => guest.memory }),
    },
  });
  guest.memory = instance.exports.memory;
  return wasi.start(instance);
}

function guardCalls(calls, { places, memory }) {
  const isReadOnly = fd => places.get(fd)?.readOnly ?? false;
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const readPath = bytes => {
    if (bytes.includes(0)) {
      throw 'invalid';
    }
    try {
      return decoder.decode(bytes);
    } catch {
      throw 'illegal-byte-sequence';
    }
  };
  /** Where a path leads, or the number of the error that keeps it from leading there. */
  const lead = (fd, at, length, follow) => {
    try {
      // The very bytes that node:wasi will use, or it opens another path than is judged here.
      const path = readPath(new Uint8Array(memory().buffer, at, length));
      return stayInside(places.get(fd), path, follow);
    } catch (error) {
      return ERRNO[error] ?? ERRNO.access;
    }
  };
  const refused = (...leads) => leads.find(led => typeof led === 'number');

  const writing = name => [
    name,
    (fd, ...rest) => (isReadOnly(fd) ? ERRNO_ROFS : calls[name](fd, ...rest)),
  ];
  const writingPath = name => [
    name,
    (fd, at, length) =>
      isReadOnly(fd)
        ? ERRNO_ROFS
        : refused(lead(fd, at, length, false)) ?? calls[name](fd, at, length),
  ];
  return {
    ...Object.fromEntries(
      [
        'fd_filestat_set_size',
        'fd_filestat_set_times',
        'fd_allocate',
        'fd_write',
        'fd_pwrite',
      ].map(writing),
    ),
    ...Object.fromEntries(
      [
        'path_create_directory',
        'path_remove_directory',
        'path_unlink_file',
      ].map(writingPath),
    ),
    path_filestat_get: (fd, flags, at, length, result) =>
      refused(lead(fd, at, length, (flags & 1) === 1)) ??
      calls.path_filestat_get(fd, flags, at, length, result),
    path_filestat_set_times: (fd, flags, at, length, ...rest) =>
      isReadOnly(fd)
        ? ERRNO_ROFS
        : refused(lead(fd, at, length, true)) ??
          calls.path_filestat_set_times(fd, flags, at, length, ...rest),
    path_readlink: (fd, at, length, ...rest) =>
      refused(lead(fd, at, length, false)) ??
      calls.path_readlink(fd, at, length, ...rest),
    path_rename: (from, fromAt, fromLength, to, toAt, toLength) =>
      isReadOnly(from) || isReadOnly(to)
        ? ERRNO_ROFS
        : refused(
            lead(from, fromAt, fromLength, false),
            lead(to, toAt, toLength, false),
          ) ?? calls.path_rename(from, fromAt, fromLength, to, toAt, toLength),
    path_link: (from, flags, fromAt, fromLength, to, toAt, toLength) =>
      isReadOnly(from) || isReadOnly(to)
        ? ERRNO_ROFS
        : refused(
            lead(from, fromAt, fromLength, (flags & 1) === 1),
            lead(to, toAt, toLength, false),
          ) ??
          calls.path_link(from, flags, fromAt, fromLength, to, toAt, toLength),
    path_symlink: (target, targetLength, to, toAt, toLength) =>
      isReadOnly(to)
        ? ERRNO_ROFS
        : refused(lead(to, toAt, toLength, false)) ??
          calls.path_symlink(target, targetLength, to, toAt, toLength),
    path_open(fd, dirflags, at, length, oflags, rights, inheriting, ...rest) {
      const readOnly = isReadOnly(fd);
      if (readOnly && oflags & OFLAGS_CREATE_OR_TRUNCATE) {
        return ERRNO_ROFS;
      }
      const place = lead(fd, at, length, (dirflags & 1) === 1);
      if (typeof place === 'number') {
        return place;
      }
      const errno = calls.path_open(
        fd,
        dirflags,
        at,
        length,
        oflags,
        // Guests ask for every right and write later; fd_write refuses then.
        readOnly ? rights & ~RIGHT_FD_WRITE : rights,
        inheriting,
        ...rest,
      );
      if (errno === 0) {
        const opened = new DataView(memory().buffer).getUint32(
          rest.at(-1),
          true,
        );
        places.set(opened, place);
      }
      return errno;
    },
    fd_renumber(from, to) {
      const errno = calls.fd_renumber(from, to);
      if (errno === 0) {
        const place = places.get(from);
        places.delete(from);
        if (place) {
          places.set(to, place);
        } else {
          places.delete(to);
        }
      }
      return errno;
    },
    fd_close(fd) {
      const errno = calls.fd_close(fd);
      if (errno === 0) {
        places.delete(fd);
      }
      return errno;
    },
  };
}
