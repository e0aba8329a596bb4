import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NetworkSpec } from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * A directory that a guest sees.
 *
 * @public
 */
export interface GuestDirectory {
  hostPath: string;
  guestPath: string;
  readOnly: boolean;
}

/**
 * All that a guest is given; nothing of the host reaches it otherwise.
 *
 * @public
 */
export interface GuestGrants {
  /** Exactly as given: no program name is put in front. */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  directories: readonly GuestDirectory[];
  /** Absent: no sockets and no name lookup. */
  network?: NetworkSpec;
  /** Keeps wasi:http/outgoing-handler to `network`, which the real runner does not. Default: false. */
  limitOutgoingHttp?: boolean;
}

/**
 * A component made ready to run, kept by the digest of its bytes.
 *
 * @public
 */
export interface PreparedModule {
  directory: string;
  digest: string;
  /** Interfaces, without their versions. */
  imports: string[];
  exports: string[];
}

/**
 * How a module is served.
 *
 * @public
 */
export interface ServeOptions extends GuestGrants {
  prepared: PreparedModule;
  /** Bytes a process may hold beyond what the host takes. Default: 1 GiB. */
  memoryLimitBytes?: number;
  /** One line of the guest's output, or of the host about the guest. */
  onLog: (line: string) => void;
  /** Called whenever a process of the module ended that was not told to. */
  onFailure?: (failure: ProcessFailure) => void;
  /** Called when a request was answered after a failure. */
  onRecovered?: () => void;
  /** From the request to the end of its answer. Default: 60 000. */
  requestTimeoutMs?: number;
  /** After so long without a request no process is held. Default: 60 000. */
  idleTimeoutMs?: number;
  /** A guest blocks its process, so this is how many requests run at once. Default: 2. */
  maxProcesses?: number;
  /** `on-demand` starts no process before the first request. Default: `now`. */
  start?: 'now' | 'on-demand';
}

/**
 * Why a process of a module ended.
 *
 * @public
 */
export interface ProcessFailure {
  reason: 'out-of-memory' | 'timeout' | 'crashed';
  message: string;
  /** Failures since the last answered request. */
  count: number;
  /** Milliseconds until the next start; 0 for at once. */
  backoffMs: number;
}

/**
 * A request to a served module, without a port.
 *
 * @public
 */
export interface ModuleRequest {
  method?: string;
  /** Path and query. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  signal?: AbortSignal;
}

/**
 * The whole answer of a served module.
 *
 * @public
 */
export interface ModuleResponse {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
  durationMs: number;
}

/**
 * A module that answers HTTP.
 *
 * @public
 */
export interface ServedModule {
  /** Passes a request on and streams the answer back. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** One request, with its answer read whole (10 MiB at most). */
  request(request: ModuleRequest): Promise<ModuleResponse>;
  /** Processes that are held now. */
  processes(): number;
  /** Answers what is under way, for 30 seconds at most, then ends every process. */
  stop(options?: { graceMs?: number }): Promise<void>;
}

/**
 * What a guest that runs once reads, and how far it may go.
 *
 * @public
 */
export interface GuestLimits {
  stdin?: string | Uint8Array;
  timeoutMs: number;
  /** Bytes of stdout and stderr together. Default: 1 MiB. */
  maxOutputBytes?: number;
  /** Bytes that one memory of the guest may have. Default: as many as the module asks for. */
  memoryLimitBytes?: number;
  signal?: AbortSignal;
}

/**
 * A command to run once.
 *
 * @public
 */
export interface ModuleCommand extends GuestGrants, GuestLimits {
  modulePath: string;
}

/**
 * How a module that ran as a command ended, and what it printed.
 *
 * @public
 */
export interface ModuleCommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs WebAssembly on this machine.
 *
 * @public
 */
export interface ModuleEngine {
  /** Makes a component ready to run, once for each digest. */
  prepare(modulePath: string, digest: string): Promise<PreparedModule>;
  /** Starts a module and returns once it is able to answer. */
  serve(options: ServeOptions): Promise<ServedModule>;
  /** Runs a WASI 0.1 command or a component with wasi:cli/run. */
  runCommand(command: ModuleCommand): Promise<ModuleCommandResult>;
  /** Ends every process, also the spare one. */
  close(): Promise<void>;
}
