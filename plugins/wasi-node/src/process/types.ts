/**
 * One command to run, with every limit it runs under.
 *
 * @public
 */
export interface CommandOptions {
  /** Program: an absolute path, or a name that is looked for on `env.PATH`. */
  command: string;
  /** Argument vector; there is never a shell. */
  args: readonly string[];
  cwd: string;
  /**
   * The whole environment of the program. Nothing of our own environment is
   * added, but for `WASI_COMMAND_MARK`: a random word by which children that
   * left the process group are found again.
   */
  env: Readonly<Record<string, string>>;
  timeoutMs: number;
  /** Bytes of stdout and stderr together beyond which the command is stopped. */
  maxOutputBytes: number;
  /**
   * Processes at one time beyond which the command is stopped. Looked at twice a
   * second, and only where there is `/proc`. Default: not limited.
   */
  maxProcesses?: number;
  /**
   * Memory of all processes together, in bytes, beyond which the command is
   * stopped. Looked at twice a second, and only where there is `/proc`. Default: not limited.
   */
  maxMemoryBytes?: number;
  /**
   * A folder, and the bytes that it may grow to before the command is stopped.
   * Looked at twice a second. Default: not limited.
   */
  disk?: { folder: string; maxBytes: number };
  signal?: AbortSignal;
  /** Called for each line of stdout and stderr, without its line end and colours. */
  onLine?: (line: string) => void;
  /** Time between the polite and the forced end of the tree, in milliseconds. Default: 2000. */
  killGraceMs?: number;
}

/**
 * How a command ended by itself.
 *
 * @public
 */
export interface CommandResult {
  /** 128 plus the signal's number where a signal ended it. */
  exitCode: number;
  /** The last 200 lines, oldest first. */
  tail: string[];
  durationMs: number;
}
