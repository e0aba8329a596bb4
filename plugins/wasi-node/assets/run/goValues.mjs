/**
 * The JavaScript that a Go program finds when it is compiled for a browser
 * (GOOS=js): enough for its standard library to start, and nothing of this process.
 *
 * What the guest holds is made of the classes below and of plain values, and its
 * properties are looked up in maps: there is no way from any of it to a prototype,
 * and so none to `Function`, `process` or `import`.
 */

const ENOSYS = 'ENOSYS';

/** An object of the guest's. */
export class GoObject {
  properties = new Map();

  static of(entries) {
    const made = new GoObject();
    for (const [name, value] of Object.entries(entries)) {
      made.properties.set(name, value);
    }
    return made;
  }
}

/** A function that the guest can call, and with `construct` one that it can use with new. */
export class GoFunction extends GoObject {
  constructor(call, construct) {
    super();
    this.call = call;
    this.construct = construct;
  }
}

/** What a call answers to the guest instead of a value. */
export class GoThrow extends Error {
  constructor(message, code) {
    super(message);
    this.value = GoObject.of({ name: 'Error', message, code });
  }
}

/**
 * @param options.write - takes what the guest writes to its standard streams.
 * @param options.maxArrayBytes - of all byte arrays that the guest makes, added up.
 */
export function createGoGlobals({ write, maxArrayBytes }) {
  let arrayBytes = 0;
  const makeBytes = ([size]) => {
    const length = Number(size ?? 0);
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new GoThrow('Invalid typed array length');
    }
    arrayBytes += length;
    if (arrayBytes > maxArrayBytes) {
      throw new GoThrow('Array buffer allocation failed');
    }
    return new Uint8Array(length);
  };
  const constructors = {
    Object: new GoFunction(
      () => new GoObject(),
      () => new GoObject(),
    ),
    Array: new GoFunction(
      () => [],
      () => [],
    ),
    Uint8Array: new GoFunction(undefined, makeBytes),
    Error: new GoFunction(undefined, ([message]) =>
      GoObject.of({ name: 'Error', message: String(message ?? '') }),
    ),
    // The zone of this machine is nobody's business.
    Date: new GoFunction(undefined, () =>
      GoObject.of({ getTimezoneOffset: new GoFunction(() => 0) }),
    ),
  };
  const globals = GoObject.of({
    ...constructors,
    fs: fileSystem(write),
    path: GoObject.of({
      resolve: new GoFunction((_, paths) => String(paths.at(-1) ?? '/')),
    }),
    process: GoObject.of({
      pid: -1,
      ppid: -1,
      getuid: new GoFunction(() => -1),
      getgid: new GoFunction(() => -1),
      geteuid: new GoFunction(() => -1),
      getegid: new GoFunction(() => -1),
      getgroups: new GoFunction(() => []),
      umask: new GoFunction(() => 0),
      cwd: new GoFunction(() => '/'),
      chdir: new GoFunction(refuse),
    }),
    console: GoObject.of({
      log: new GoFunction((_, words) => print(write, words)),
      error: new GoFunction((_, words) => print(write, words)),
    }),
  });
  return { globals, constructors };
}

function fileSystem(write) {
  const functions = {
    constants: GoObject.of({
      O_WRONLY: 1,
      O_RDWR: 2,
      O_CREAT: 64,
      O_TRUNC: 512,
      O_APPEND: 1024,
      O_EXCL: 128,
      O_DIRECTORY: 65536,
    }),
    write: new GoFunction((_, args) => {
      const [fd, bytes, offset, length] = args;
      const done = callbackOf(args);
      if ((fd !== 1 && fd !== 2) || !(bytes instanceof Uint8Array)) {
        return done(failure('EBADF'));
      }
      write(bytes.subarray(offset, offset + length));
      return done(null, length);
    }),
    // Standard input is empty: what the function works on is its argument.
    read: new GoFunction((_, args) =>
      args[0] === 0
        ? callbackOf(args)(null, 0)
        : callbackOf(args)(failure('EBADF')),
    ),
    fsync: new GoFunction((_, args) => callbackOf(args)(null)),
  };
  for (const name of [
    'chmod',
    'chown',
    'close',
    'fchmod',
    'fchown',
    'fstat',
    'ftruncate',
    'lchown',
    'link',
    'lstat',
    'mkdir',
    'open',
    'readdir',
    'readlink',
    'rename',
    'rmdir',
    'stat',
    'symlink',
    'truncate',
    'unlink',
    'utimes',
  ]) {
    functions[name] = new GoFunction((_, args) =>
      callbackOf(args)(failure(ENOSYS)),
    );
  }
  return GoObject.of(functions);
}

function callbackOf(args) {
  const callback = args.at(-1);
  if (!(callback instanceof GoFunction)) {
    throw new GoThrow('The callback is not a function');
  }
  return (...answer) => callback.call(undefined, answer);
}

function failure(code) {
  return GoObject.of({ name: 'Error', message: code, code });
}

function refuse() {
  throw new GoThrow('There is no file system', ENOSYS);
}

function print(write, words) {
  const text = words.map(word =>
    word === null || typeof word !== 'object' ? String(word) : '[object]',
  );
  write(Buffer.from(`${text.join(' ')}\n`));
}
