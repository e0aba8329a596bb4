import type {
  Finding,
  Runtime,
  RuntimeView,
} from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * jco as it was found on this machine.
 *
 * @public
 */
export interface JcoToolchain {
  /** Folder of the package `@bytecodealliance/jco`; its own dependencies resolve from there. */
  directory: string;
  version: string;
}

/**
 * A tool that was found: what to start, with which arguments before the tool's own.
 *
 * @public
 */
export interface Tool {
  name: string;
  /** Absolute path of the file that was found. */
  path: string;
  command: string;
  args: string[];
}

/**
 * The tools of this machine, and whether they are enough for a runtime.
 *
 * @public
 */
export interface Toolchains {
  /** The image that holds the runtime's tools, where they are not of this machine. */
  image?(runtime: string): string | undefined;
  /** All that is missing or too old for the runtime, at once; empty where it can be built. */
  check(runtime: string | Pick<Runtime, 'prerequisites'>): Promise<Finding[]>;
  /** Every runtime, with what keeps it from being built. */
  checkAll(): Promise<RuntimeView[]>;
  jco(): Promise<JcoToolchain | undefined>;
  /** A tool by its name; undefined where it is not on this machine. */
  find(tool: string): Promise<Tool | undefined>;
  /**
   * The environment that tools run in; nothing of ours is in it.
   *
   * @param options - `home`: folder that is HOME and holds caches; `tools`: what must be on the PATH.
   */
  environment(options: {
    home: string;
    tools?: Tool[];
  }): Record<string, string>;
}
