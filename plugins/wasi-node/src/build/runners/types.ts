import type { Runtime } from '@wasi-functions/backstage-plugin-wasi-common';
import type { CommandOptions, CommandResult } from '../../process';
import type { Tool } from '../../toolchains';

/**
 * Where the tools of builds are run.
 *
 * @public
 */
export interface BuildRunner {
  /** Finds out whether it works, and tells the operator's log once if not. */
  ready(): Promise<void>;
  /**
   * Makes a place for the tools of one build.
   *
   * @throws `WasiError` BUILD_RUNNER_UNAVAILABLE with the reason.
   */
  open(build: BuildPlaceOptions): Promise<BuildPlace>;
}

/**
 * The build that a place is made for.
 *
 * @public
 */
export interface BuildPlaceOptions {
  /** Folder of this build alone; its tools may write there and nowhere else. */
  scratch: string;
  /** Folder that is built; tools may read it. */
  directory: string;
  runtime: Runtime;
  /** Milliseconds until this build's time is up. */
  timeLeft: () => number;
  signal?: AbortSignal;
  log: (line: string) => void;
}

/**
 * Where the tools of one build run.
 *
 * @public
 */
export interface BuildPlace {
  /** As `runCommand`, within the limits of the place. */
  run(command: PlaceCommand): Promise<CommandResult>;
  /** A folder of the tools, to be read here: itself, or a copy. */
  bring(folder: string): Promise<string>;
  /** Ends what still runs there, and removes what the place took. */
  close(): Promise<void>;
}

/**
 * One tool to run in a place.
 *
 * @public
 */
export interface PlaceCommand
  extends Pick<
    CommandOptions,
    | 'args'
    | 'cwd'
    | 'env'
    | 'timeoutMs'
    | 'maxOutputBytes'
    | 'signal'
    | 'onLine'
  > {
  tool: Tool;
}
