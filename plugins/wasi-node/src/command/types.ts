/**
 * What is compiled.
 *
 * @public
 */
export type CommandLanguage = 'c' | 'cpp' | 'rust' | 'go' | 'wat';

/**
 * What it becomes: a WASI 0.1 command, a WASI 0.2 command, a Go program for
 * JavaScript hosts as kpt runs it, or Emscripten's two: a module that stands
 * alone and one with its host in JavaScript.
 *
 * @public
 */
export type CommandTarget =
  | 'wasip1'
  | 'wasip2'
  | 'js'
  | 'emscripten'
  | 'emscripten-js';

/**
 * A command to build.
 *
 * @public
 */
export interface CommandBuildOptions {
  /** Folder of the sources; nothing outside it is read or written. */
  directory: string;
  language: CommandLanguage;
  target: CommandTarget;
  /** File or, of Go, package below the folder. Default: what the language begins with. */
  source?: string;
  /** Where the module goes. Default: `module.wasm`. */
  output?: string;
  signal?: AbortSignal;
  /** Takes the output of the tools, line by line. */
  log: (line: string) => void;
}

/**
 * A command that was built.
 *
 * @public
 */
export interface BuiltCommand {
  /** Absolute, inside the folder. */
  path: string;
  /** Of the target `emscripten-js`, the JavaScript that hosts the module. */
  hostPath?: string;
  /** Bytes. */
  size: number;
  /** Version of each tool that took part, by name. */
  tools: Record<string, string>;
}

/**
 * Builds modules that run as programs, where a `ModuleBuilder` builds those that answer HTTP.
 *
 * @public
 */
export interface CommandBuilder {
  /** @throws `WasiError`; TOOLCHAIN_MISSING carries a finding for every tool. */
  build(options: CommandBuildOptions): Promise<BuiltCommand>;
}
