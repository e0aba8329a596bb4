import {
  WasiError,
  type ModuleSection,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { ByteReader } from './ByteReader';
import {
  readComponentExports,
  readComponentImports,
  usesAsync,
} from './readComponent';
import { readCoreExports, readCoreImports } from './readCoreModule';
import type { ModuleItem } from './readItems';
import { readProducers, type Producer } from './readProducers';

/**
 * What the bytes of a WebAssembly file say, before any judgement.
 *
 * @internal
 */
export interface Binary {
  kind: 'component' | 'module';
  /** Largest first. */
  sections: ModuleSection[];
  imports: ModuleItem[];
  exports: ModuleItem[];
  producers: Producer[];
  /** Those of the module inside with the most code: what surrounds it is glue of other makers. */
  mainProducers: Producer[];
  /** Names of the custom sections of the outermost module or component. */
  customSections: string[];
  /** Needs component-model async, which engines for WASI 0.2 do not have. */
  async: boolean;
}

// https://webassembly.github.io/spec/core/binary/modules.html#sections
const CORE_SECTIONS = [
  'custom',
  'type',
  'import',
  'function',
  'table',
  'memory',
  'global',
  'export',
  'start',
  'element',
  'code',
  'data',
  'data count',
  'tag',
];
// https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
const COMPONENT_SECTIONS = [
  'custom',
  'core module',
  'core instance',
  'core type',
  'component',
  'instance',
  'alias',
  'component type',
  'canon',
  'component start',
  'component import',
  'component export',
  'component value',
];
const CORE_MODULE_SECTION = 1;
const COMPONENT_SECTION = 4;
const CANON_SECTION = 8;

const PREAMBLE_SIZE = 8;
const MAX_DEPTH = 32;
const MAX_SECTIONS = 1_000_000;
const MAX_SECTION_NAMES = 200;
const MAX_PRODUCERS = 500;

/**
 * Reads the outline of a core module or component, those inside it included.
 *
 * @throws `WasiError` MODULE_NOT_WASM or MODULE_TRUNCATED.
 * @internal
 */
export function readBinary(bytes: Uint8Array): Binary {
  const state: ReadState = {
    sizes: new Map(),
    sectionCount: 0,
    producers: new Map(),
    main: { code: -1, producers: [] },
    async: false,
  };
  const {
    code: _,
    producers: __,
    ...outer
  } = readUnit(new ByteReader(bytes), state, 0);
  return {
    ...outer,
    sections: [...state.sizes]
      .map(([name, size]) => ({ name, size }))
      .sort((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1)),
    producers: [...state.producers.values()],
    mainProducers: state.main.producers,
    async: state.async,
  };
}

interface ReadState {
  sizes: Map<string, number>;
  sectionCount: number;
  producers: Map<string, Producer>;
  /** The core module with the most code so far. */
  main: { code: number; producers: Producer[] };
  async: boolean;
}

interface Unit
  extends Pick<Binary, 'kind' | 'imports' | 'exports' | 'customSections'> {
  /** Bytes of code of its own. */
  code: number;
  producers: Producer[];
}

function readUnit(reader: ByteReader, state: ReadState, depth: number): Unit {
  if (depth > MAX_DEPTH) {
    throw reader.malformed(
      `components lie in one another more than ${MAX_DEPTH} deep`,
    );
  }
  const unit: Unit = {
    kind: readPreamble(reader),
    imports: [],
    exports: [],
    customSections: [],
    code: 0,
    producers: [],
  };
  while (!reader.done) {
    readSection(reader, unit, state, depth);
  }
  if (unit.kind === 'module' && unit.code > state.main.code) {
    state.main = { code: unit.code, producers: unit.producers };
  }
  return unit;
}

/**
 * Reads what a module or component begins with, and which of them it is.
 *
 * @throws `WasiError` MODULE_NOT_WASM or MODULE_TRUNCATED.
 * @internal
 */
export function readPreamble(reader: ByteReader): 'component' | 'module' {
  const start = reader.position;
  for (const expected of [0x00, 0x61, 0x73, 0x6d]) {
    if (reader.byte() !== expected) {
      throw new WasiError('MODULE_NOT_WASM', {
        message:
          start === 0
            ? 'The file is not WebAssembly: it does not begin with the bytes 00 61 73 6d.'
            : `The WebAssembly file is damaged at byte ${start}: a module in it does not begin like one.`,
      });
    }
  }
  const version = [
    reader.byte(),
    reader.byte(),
    reader.byte(),
    reader.byte(),
  ].join(' ');
  switch (version) {
    case '1 0 0 0':
      return 'module';
    case '13 0 1 0':
      return 'component';
    default:
      throw new WasiError('MODULE_NOT_WASM', {
        message: `The WebAssembly file has an unknown version (${version}).`,
        remedy: 'Build it again with a current toolchain.',
      });
  }
}

function readSection(
  reader: ByteReader,
  unit: Unit,
  state: ReadState,
  depth: number,
): void {
  state.sectionCount += 1;
  if (state.sectionCount > MAX_SECTIONS) {
    throw reader.malformed(`it has more than ${MAX_SECTIONS} sections`);
  }
  const start = reader.position;
  const id = reader.byte();
  const body = reader.slice(reader.u32());
  const size = reader.position - start;

  if (id === 0) {
    readCustomSection(body, size, unit, state);
    return;
  }
  const names = unit.kind === 'module' ? CORE_SECTIONS : COMPONENT_SECTIONS;
  const name = names[id] ?? `section ${id}`;
  if (unit.kind === 'module') {
    addSize(state, name, size);
    if (name === 'import') {
      append(unit.imports, readCoreImports(body));
    } else if (name === 'export') {
      append(unit.exports, readCoreExports(body));
    } else if (name === 'code') {
      unit.code += size;
    }
    return;
  }
  switch (id) {
    case CORE_MODULE_SECTION:
    case COMPONENT_SECTION: {
      // What is inside counts under its own names; the wrapping is what remains.
      const header = body.position - start;
      addSize(state, name, header + PREAMBLE_SIZE);
      readUnit(body, state, depth + 1);
      return;
    }
    case CANON_SECTION:
      state.async ||= usesAsync(body);
      break;
    case 10:
      append(unit.imports, readComponentImports(body));
      break;
    case 11:
      append(unit.exports, readComponentExports(body));
      break;
    default:
  }
  addSize(state, name, size);
}

/** One by one: spread into a call, so many would overflow the stack. */
function append(items: ModuleItem[], more: ModuleItem[]): void {
  for (const item of more) {
    items.push(item);
  }
}

function readCustomSection(
  body: ByteReader,
  size: number,
  unit: Unit,
  state: ReadState,
): void {
  const name = body.name();
  addSize(state, `custom:${name.slice(0, 100)}`, size);
  if (unit.customSections.length < MAX_SECTION_NAMES) {
    unit.customSections.push(name);
  }
  if (name === 'producers') {
    for (const producer of readProducers(body)) {
      if (unit.producers.length < MAX_PRODUCERS) {
        unit.producers.push(producer);
      }
      if (state.producers.size < MAX_PRODUCERS) {
        state.producers.set(JSON.stringify(producer), producer);
      }
    }
  }
}

function addSize(state: ReadState, name: string, size: number): void {
  const { sizes } = state;
  const key =
    sizes.has(name) || sizes.size < MAX_SECTION_NAMES ? name : 'other';
  sizes.set(key, (sizes.get(key) ?? 0) + size);
}
