import { rewriteModule } from './rewriteModule';

/**
 * Sections that debuggers read and engines do not: names of functions and
 * locals, DWARF and where to find it. A trap's trace shows numbers without them.
 */
const DEBUG_SECTION =
  /^(?:name|component-name|sourceMappingURL|external_debug_info|(?:reloc\.)?\.debug_.*)$/;

/**
 * Leaves out what is there for debuggers alone, in a core module or a component
 * and all that is nested in it.
 *
 * Other custom sections stay: `producers` tells what made the module, a
 * `component-type` what it can become, branch hints are for the engine, and one
 * that we do not know may matter to somebody.
 *
 * @returns The same bytes where there is nothing to leave out.
 * @throws `WasiError` MODULE_NOT_WASM or MODULE_TRUNCATED.
 * @internal
 */
export function stripModule(bytes: Uint8Array): Uint8Array {
  return rewriteModule(bytes, { drops: name => DEBUG_SECTION.test(name) });
}
