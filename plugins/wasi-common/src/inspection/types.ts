/**
 * One section of a WebAssembly binary, or several of the same name added up.
 *
 * For a component, the sections of its nested core modules are counted, so
 * that `code` and `data` mean the same as for a core module.
 *
 * @public
 */
export interface ModuleSection {
  /** `code`, `data`, `type`, `custom:name`, `component`, … */
  name: string;
  /** Bytes, header included. */
  size: number;
}

/**
 * Something that the imports of a module ask the host for.
 *
 * @public
 */
export interface ModuleCapability {
  kind:
    | 'http-outgoing'
    | 'sockets'
    | 'dns'
    | 'filesystem'
    | 'environment'
    | 'clocks'
    | 'random'
    | 'stdio';
  /** Names of the imports that ask for it. */
  imports: string[];
}

/**
 * What a .wasm file is, read from its bytes alone.
 *
 * @public
 */
export interface ModuleInspection {
  kind: 'component' | 'module';
  /** `0.2` components, `0.1` for `wasi_snapshot_preview1`, `0.3`; `none` without WASI imports or exports. */
  wasi: '0.1' | '0.2' | '0.3' | 'none';
  /** Highest patch of the WASI 0.2 imports and exports, e.g. `0.2.3`. */
  wasiVersion?: string;
  /** Bytes. */
  size: number;
  /** Bytes after gzip at its default level; absent where it was not asked for. */
  gzipSize?: number;
  /** `sha256:` and 64 hex digits of the file. */
  digest: string;
  /** Largest first; sizes add up to `size` less the preamble. */
  sections: ModuleSection[];
  /** WIT names with version for a component; `module.name` for a core module. */
  imports: string[];
  exports: string[];
  /** WIT text of the component's world: its imports and exports. */
  world?: string;
  /** From the `producers` custom sections. */
  producers: { field: string; name: string; version: string }[];
  /** Language that it was written in, where the producers tell, e.g. `Go`. */
  language?: string;
  /** What compiled it, with its version where the producers tell, e.g. `Go 1.26.8`. */
  toolchain?: string;
  capabilities: ModuleCapability[];
  /** What it can be used for: `http` exports wasi:http/incoming-handler, `command` exports wasi:cli/run or `_start`. */
  entry: 'http' | 'command' | 'none';
}
