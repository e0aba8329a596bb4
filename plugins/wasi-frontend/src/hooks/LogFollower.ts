import type {
  LogLine,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { LogListener } from '../apis';
import { toWasiError } from './toWasiError';

// As many as a browser lays out without a pause.
const MOST_LINES = 1_000;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 30_000;
// The backend ends a stream after a while; one that lasted is followed by the next at once.
const LASTED_MS = 10_000;

/** A followed log as the page shows it. */
export interface LogFollowState {
  /** `waiting` to connect again; `refused` is not tried again. */
  phase: 'connecting' | 'following' | 'waiting' | 'refused';
  /** Oldest first. */
  lines: readonly LogLine[];
  /** Whether older lines were left out to keep the page light. */
  cut: boolean;
  /** Why the connection broke. */
  error?: WasiError;
}

/** What a follower reads from and reports to. */
export interface LogFollowerOptions {
  /** Ends when the stream does. */
  open: (listener: LogListener, signal: AbortSignal) => Promise<void>;
  onState: (state: LogFollowState) => void;
  page: Pick<
    Document,
    'visibilityState' | 'addEventListener' | 'removeEventListener'
  >;
  now: () => number;
  /** Lines that are shown already. */
  lines?: readonly LogLine[];
}

/**
 * Follows a log over streams that end and break: connects again with back-off,
 * repeats no line, and holds no connection while the page is hidden.
 */
export class LogFollower {
  readonly #options: LogFollowerOptions;
  #state: LogFollowState;
  #abort?: AbortController;
  #timer?: ReturnType<typeof setTimeout>;
  #failures = 0;
  #told = true;

  constructor(options: LogFollowerOptions) {
    this.#options = options;
    this.#state = {
      phase: 'connecting',
      lines: options.lines ?? [],
      cut: false,
    };
  }

  start(): void {
    this.#options.page.addEventListener('visibilitychange', this.#onVisibility);
    this.#onVisibility();
  }

  stop(): void {
    this.#disconnect();
    this.#options.page.removeEventListener(
      'visibilitychange',
      this.#onVisibility,
    );
  }

  readonly #onVisibility = (): void => {
    if (this.#options.page.visibilityState === 'hidden') {
      this.#disconnect();
    } else if (!this.#abort) {
      this.#connect();
    }
  };

  #disconnect(): void {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    this.#abort = undefined;
  }

  async #connect(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    const startedAt = this.#options.now();
    this.#report({ phase: 'connecting' });
    let failure: WasiError | undefined;
    try {
      await this.#options.open(
        {
          onOpen: () => {
            if (!abort.signal.aborted) {
              this.#report({ phase: 'following' });
            }
          },
          onLine: this.#receiver(abort.signal),
        },
        abort.signal,
      );
    } catch (cause) {
      failure = toWasiError(cause);
    }
    if (abort.signal.aborted) {
      return;
    }
    if (failure && isFinal(failure)) {
      this.#report({ phase: 'refused', error: failure });
      return;
    }
    const lasted = this.#options.now() - startedAt >= LASTED_MS;
    this.#failures = lasted ? 0 : this.#failures + 1;
    this.#report({ phase: 'waiting', error: failure });
    this.#timer = setTimeout(
      () => this.#connect(),
      lasted && !failure
        ? 0
        : Math.min(
            FIRST_BACKOFF_MS * 2 ** Math.max(0, this.#failures - 1),
            LONGEST_BACKOFF_MS,
          ),
    );
  }

  /** Takes the lines of one connection, which begins with some that are known. */
  #receiver(signal: AbortSignal): (line: LogLine) => void {
    const before = new Set(this.#state.lines.map(identify));
    let first = true;
    return line => {
      if (signal.aborted) {
        return;
      }
      const { lines: known } = this.#state;
      // Where no line has a time, nothing tells which are known: they start anew.
      const anew = first && !line.at && known.every(one => !one.at);
      first = false;
      const repeated = line.at
        ? before.has(identify(line))
        : // What the portal says of a log that ends again and again.
          !line.source && !known.at(-1)?.at && known.at(-1)?.line === line.line;
      const lines = [...(anew ? [] : known), ...(repeated ? [] : [line])];
      this.#collect({
        ...this.#state,
        phase: 'following',
        error: undefined,
        lines: lines.slice(-MOST_LINES),
        cut: this.#state.cut || lines.length > MOST_LINES,
      });
    };
  }

  // Lines that come together are drawn together.
  #collect(state: LogFollowState): void {
    this.#state = state;
    if (this.#told) {
      this.#told = false;
      const abort = this.#abort;
      queueMicrotask(() => {
        this.#told = true;
        if (abort && !abort.signal.aborted) {
          this.#options.onState(this.#state);
        }
      });
    }
  }

  #report(change: Pick<LogFollowState, 'phase' | 'error'>): void {
    this.#state = { ...this.#state, error: undefined, ...change };
    this.#options.onState(this.#state);
  }
}

function identify({ at, line }: LogLine): string {
  return `${at} ${line}`;
}

// Asking again grants no permission and brings no module back.
function isFinal(error: WasiError): boolean {
  return [
    'NotAllowedError',
    'AuthenticationError',
    'NotFoundError',
    'InputError',
  ].includes(error.name);
}
