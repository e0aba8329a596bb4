/**
 * Which lines of a log to read.
 *
 * @public
 */
export interface LogOptions {
  /** The last so many lines; all where absent. */
  tailLines?: number;
  /** Lines written at or after this instant. */
  sinceTime?: Date;
  /** Puts the instant of each line (RFC 3339) and a space before it. */
  timestamps?: boolean;
  /** Waits for further lines until the pod is gone or `signal` aborts. */
  follow?: boolean;
  signal?: AbortSignal;
}

/**
 * Where the embedded Kubernetes API finds the log of a pod.
 *
 * @public
 */
export interface LogSource {
  /** Yields lines without their line end; ends at once for a pod without a log. */
  read(
    namespace: string,
    pod: string,
    options: LogOptions,
  ): AsyncIterable<string>;
}
