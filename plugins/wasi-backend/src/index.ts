/**
 * The WasmModules of catalog entities over HTTP.
 *
 * @packageDocumentation
 */
export { wasiPlugin as default } from './plugin';
