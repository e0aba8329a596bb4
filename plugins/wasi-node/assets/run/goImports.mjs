import { randomFillSync } from 'node:crypto';
import { GoFunction, GoObject, GoThrow } from './goValues.mjs';

// How Go's runtime passes values, by the declarations in syscall/js and runtime of
// Go 1.26: arguments and answers lie on the stack from 8 bytes above its
// pointer, and a value of JavaScript is eight bytes, either a float that is not NaN
// or a NaN that carries the number of a reference and its type.
const NAN_HEAD = 0x7ff80000;
const FLAG = { object: 1, string: 2, symbol: 3, function: 4 };

/** The values that the guest holds, by number. */
class References {
  constructor(globals, runtime) {
    this.values = [NaN, 0, null, true, false, globals, runtime];
    this.counts = this.values.map(() => Infinity);
    this.ids = new Map(this.values.map((value, id) => [value, id]));
    this.free = [];
  }

  read(data, at) {
    const number = data.getFloat64(at, true);
    if (number === 0) {
      return undefined;
    }
    return Number.isNaN(number)
      ? this.values[data.getUint32(at, true)]
      : number;
  }

  write(data, at, value) {
    if (value === undefined) {
      data.setFloat64(at, 0, true);
    } else if (
      typeof value === 'number' &&
      value !== 0 &&
      !Number.isNaN(value)
    ) {
      data.setFloat64(at, value, true);
    } else {
      data.setUint32(at, this.#hold(value), true);
      data.setUint32(at + 4, NAN_HEAD | flagOf(value), true);
    }
  }

  release(id) {
    this.counts[id] -= 1;
    if (this.counts[id] === 0) {
      this.ids.delete(this.values[id]);
      this.values[id] = null;
      this.free.push(id);
    }
  }

  #hold(value) {
    const known = this.ids.get(value);
    const id = known ?? this.free.pop() ?? this.values.length;
    if (known === undefined) {
      this.values[id] = value;
      this.counts[id] = 0;
      this.ids.set(value, id);
    }
    this.counts[id] += 1;
    return id;
  }
}

/**
 * Makes what a module of GOOS=js imports.
 *
 * @param options.globals - what the guest gets as its global object.
 * @param options.guest - `exports`: set it once there is an instance.
 */
export function createGoImports({ globals, constructors, guest, write, exit }) {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const runtime = new GoObject();
  const values = new References(globals, runtime);
  const timers = new Map();
  let nextTimer = 1;

  const view = () => new DataView(guest.exports.mem.buffer);
  const slice = at => {
    const data = view();
    return new Uint8Array(
      guest.exports.mem.buffer,
      Number(data.getBigInt64(at, true)),
      Number(data.getBigInt64(at + 8, true)),
    );
  };
  const text = at => decoder.decode(slice(at));
  const load = at => values.read(view(), at);
  const store = (at, value) => values.write(view(), at, value);
  const loadAll = at => {
    const data = view();
    const first = Number(data.getBigInt64(at, true));
    const count = Number(data.getBigInt64(at + 8, true));
    return Array.from({ length: count }, (_, index) =>
      values.read(data, first + 8 * index),
    );
  };

  runtime.properties.set('_pendingEvent', null);
  runtime.properties.set(
    '_makeFuncWrapper',
    new GoFunction(
      (_, [id]) =>
        new GoFunction((self, args) => {
          const event = GoObject.of({ id, this: self, args });
          runtime.properties.set('_pendingEvent', event);
          guest.exports.resume();
          return event.properties.get('result');
        }),
    ),
  );

  /** The stack may have moved where the guest ran meanwhile. */
  const answer = (sp, at, work) => {
    let result;
    let ok = 1;
    try {
      result = work();
    } catch (error) {
      if (!(error instanceof GoThrow)) {
        throw error;
      }
      result = error.value;
      ok = 0;
    }
    const now = guest.exports.getsp() >>> 0;
    store(now + at, result);
    view().setUint8(now + at + 8, ok);
  };

  const calls = {
    'runtime.wasmExit': sp => exit(view().getInt32(sp + 8, true)),
    'runtime.wasmWrite': sp => {
      const data = view();
      write(
        new Uint8Array(
          guest.exports.mem.buffer,
          Number(data.getBigInt64(sp + 16, true)),
          data.getInt32(sp + 24, true),
        ),
      );
    },
    'runtime.resetMemoryDataView': () => {},
    'runtime.nanotime1': sp =>
      view().setBigInt64(sp + 8, process.hrtime.bigint(), true),
    'runtime.walltime': sp => {
      const now = Date.now();
      view().setBigInt64(sp + 8, BigInt(Math.floor(now / 1000)), true);
      view().setInt32(sp + 16, (now % 1000) * 1_000_000, true);
    },
    'runtime.scheduleTimeoutEvent': sp => {
      const id = nextTimer++;
      const wait = Number(view().getBigInt64(sp + 8, true));
      timers.set(
        id,
        setTimeout(() => {
          // A timer may fire early, and Go sleeps on; then it must be woken again.
          while (timers.has(id)) {
            guest.exports.resume();
          }
        }, Math.max(0, wait)),
      );
      view().setInt32(sp + 16, id, true);
    },
    'runtime.clearTimeoutEvent': sp => {
      const id = view().getInt32(sp + 8, true);
      clearTimeout(timers.get(id));
      timers.delete(id);
    },
    'runtime.getRandomData': sp => {
      randomFillSync(slice(sp + 8));
    },
    'syscall/js.finalizeRef': sp =>
      values.release(view().getUint32(sp + 8, true)),
    'syscall/js.stringVal': sp => store(sp + 24, text(sp + 8)),
    'syscall/js.valueGet': sp =>
      store(sp + 32, property(load(sp + 8), text(sp + 16))),
    'syscall/js.valueSet': sp => {
      const target = load(sp + 8);
      if (target instanceof GoObject) {
        target.properties.set(text(sp + 16), load(sp + 32));
      }
    },
    'syscall/js.valueDelete': sp => {
      const target = load(sp + 8);
      if (target instanceof GoObject) {
        target.properties.delete(text(sp + 16));
      }
    },
    'syscall/js.valueIndex': sp =>
      store(
        sp + 24,
        element(load(sp + 8), Number(view().getBigInt64(sp + 16, true))),
      ),
    'syscall/js.valueSetIndex': sp => {
      const target = load(sp + 8);
      const index = Number(view().getBigInt64(sp + 16, true));
      if (isList(target) && index >= 0 && index <= target.length) {
        target[index] = load(sp + 24);
      }
    },
    'syscall/js.valueLength': sp => {
      const length = property(load(sp + 8), 'length');
      view().setBigInt64(
        sp + 16,
        BigInt(Math.trunc(Number(length)) || 0),
        true,
      );
    },
    'syscall/js.valueCall': sp =>
      answer(sp, 56, () => {
        const self = load(sp + 8);
        const name = text(sp + 16);
        return called(property(self, name), name).call(self, loadAll(sp + 32));
      }),
    'syscall/js.valueInvoke': sp =>
      answer(sp, 40, () =>
        called(load(sp + 8), 'value').call(undefined, loadAll(sp + 16)),
      ),
    'syscall/js.valueNew': sp =>
      answer(sp, 40, () => {
        const type = load(sp + 8);
        if (!(type instanceof GoFunction) || !type.construct) {
          throw new GoThrow('value is not a constructor');
        }
        return type.construct(loadAll(sp + 16));
      }),
    'syscall/js.valuePrepareString': sp => {
      const bytes = encoder.encode(textOf(load(sp + 8)));
      store(sp + 16, bytes);
      view().setBigInt64(sp + 24, BigInt(bytes.length), true);
    },
    'syscall/js.valueLoadString': sp => {
      const bytes = load(sp + 8);
      if (bytes instanceof Uint8Array) {
        copy(bytes, slice(sp + 16));
      }
    },
    'syscall/js.valueInstanceOf': sp =>
      view().setUint8(
        sp + 24,
        isInstance(load(sp + 8), load(sp + 16), constructors) ? 1 : 0,
      ),
    'syscall/js.copyBytesToGo': sp => {
      const from = load(sp + 32);
      copied(
        sp,
        from instanceof Uint8Array ? [from, slice(sp + 8)] : undefined,
      );
    },
    'syscall/js.copyBytesToJS': sp => {
      const to = load(sp + 8);
      copied(sp, to instanceof Uint8Array ? [slice(sp + 16), to] : undefined);
    },
    debug: () => {},
  };

  /** Both copies answer alike: how many bytes, and whether it was bytes. */
  function copied(sp, fromTo) {
    view().setBigInt64(sp + 40, fromTo ? BigInt(copy(...fromTo)) : 0n, true);
    view().setUint8(sp + 48, fromTo ? 1 : 0);
  }

  const imports = Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [name, sp => call(sp >>> 0)]),
  );
  // `go` is what modules of Go before 1.21 call it.
  return { gojs: imports, go: imports };
}

function flagOf(value) {
  if (value instanceof GoFunction) {
    return FLAG.function;
  }
  return value === null ? 0 : FLAG[typeof value] ?? 0;
}

function isList(value) {
  return Array.isArray(value) || value instanceof Uint8Array;
}

function property(value, name) {
  if (value instanceof GoObject) {
    return value.properties.get(name);
  }
  const counted = isList(value) || typeof value === 'string';
  return counted && (name === 'length' || name === 'byteLength')
    ? value.length
    : undefined;
}

function element(value, index) {
  return isList(value) && index >= 0 && index < value.length
    ? value[index]
    : undefined;
}

function called(value, name) {
  if (!(value instanceof GoFunction) || !value.call) {
    throw new GoThrow(`${name} is not a function`);
  }
  return value;
}

function textOf(value) {
  return typeof value === 'object' && value !== null
    ? '[object]'
    : String(value);
}

function isInstance(
  value,
  type,
  { Object: object, Array: array, Uint8Array: bytes },
) {
  switch (type) {
    case array:
      return Array.isArray(value);
    case bytes:
      return value instanceof Uint8Array;
    case object:
      return isList(value) || value instanceof GoObject;
    default:
      return false;
  }
}

function copy(from, to) {
  const part = from.subarray(0, to.length);
  to.set(part);
  return part.length;
}
