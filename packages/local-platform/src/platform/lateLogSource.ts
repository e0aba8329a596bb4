import type { LogSource } from '../kubernetes';

/**
 * A log source whose real source is named later: the Kubernetes API needs the
 * runner's logs, and the runner needs the Kubernetes API's objects.
 *
 * @internal
 */
export function lateLogSource(): {
  logSource: LogSource;
  set(source: LogSource): void;
} {
  let actual: LogSource | undefined;
  return {
    logSource: {
      async *read(namespace, pod, options) {
        if (actual) {
          yield* actual.read(namespace, pod, options);
        }
      },
    },
    set: source => {
      actual = source;
    },
  };
}
