import type {
  ModulesChangedSignal,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { LiveState } from './LiveState';
import { toWasiError } from './toWasiError';

// Without signals, or while something is on its way, ask often enough that a
// change is seen within a second or two.
const QUICK_POLL_MS = 1_500;
// Without signals, nothing tells that a cluster is heard again.
const TROUBLED_POLL_MS = 3_000;
// Nothing tells that a subscription stands; a connection that has not come about
// by then is tried again after seconds.
const SUBSCRIBED_AFTER_MS = 1_200;
// Signals are best effort: a lost one is made up for by this.
const SLOW_POLL_MS = 10_000;
// Who looks at a failure is waiting for its end.
const LONGEST_BACKOFF_MS = 5_000;
// A rollout sends several signals in a row; one answer serves them all.
const SIGNAL_SPACING_MS = 300;
// A module that changes without an end is looked at once a second in the long run.
const MAX_QUICK_LOADS = 60;
const QUICK_LOAD_EVERY_MS = 1_000;

/** How often something is asked for where no signal tells of it. */
export interface LivePace<T> {
  /** `moving` changes soon, `troubled` waits for something to be heard again. */
  paceOf: (value: T) => 'moving' | 'troubled' | 'settled';
  /** Whether a signal is about the answer; every one by default. */
  concerns?: (answer: T, signal: ModulesChangedSignal) => boolean;
  /** Asked for as seldom without signals as with them, because something else tells of most changes. */
  calm?: boolean;
}

/** What a feed reads from and reports to. */
export interface LiveFeedOptions<T> extends LivePace<T> {
  load: (signal: AbortSignal) => Promise<T>;
  /** Calls back on every change that the backend tells of; absent without signals. */
  subscribe?: (onChange: (signal: ModulesChangedSignal) => void) => () => void;
  onState: (state: LiveState<T>) => void;
  page: Pick<
    Document,
    'visibilityState' | 'addEventListener' | 'removeEventListener'
  >;
  now: () => number;
}

/**
 * Keeps an answer current: at once after a signal, else by polling;
 * silent while the page is hidden.
 */
export class LiveFeed<T> {
  readonly #options: LiveFeedOptions<T>;
  readonly #abort = new AbortController();
  #state: LiveState<T> = { phase: 'loading' };
  #timer?: ReturnType<typeof setTimeout>;
  /** Set until the subscription is known to stand. */
  #subscribing?: ReturnType<typeof setTimeout>;
  #unsubscribe?: () => void;
  #running = false;
  #runAgain = false;
  #isSignalled = false;
  #lastStart = 0;
  #failures = 0;
  #quickLoads = MAX_QUICK_LOADS;

  constructor(options: LiveFeedOptions<T>) {
    this.#options = options;
  }

  start(): void {
    const { page, subscribe } = this.#options;
    page.addEventListener('visibilitychange', this.#onVisibility);
    this.#unsubscribe = subscribe?.(this.#onSignal);
    if (this.#unsubscribe) {
      // What changed before it stood, no signal told.
      this.#subscribing = setTimeout(this.#onSubscribed, SUBSCRIBED_AFTER_MS);
    }
    this.refresh();
  }

  stop(): void {
    this.#abort.abort();
    clearTimeout(this.#timer);
    clearTimeout(this.#subscribing);
    this.#unsubscribe?.();
    this.#options.page.removeEventListener(
      'visibilitychange',
      this.#onVisibility,
    );
  }

  /** Asks now, or right after the answer that is on its way. */
  readonly refresh = (): void => {
    if (this.#running) {
      this.#runAgain = true;
      return;
    }
    this.#run();
  };

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#running = true;
    this.#runAgain = false;
    this.#isSignalled = false;
    this.#countLoad();
    try {
      const answer = await this.#options.load(this.#abort.signal);
      this.#failures = 0;
      this.#report({
        phase: 'loaded',
        answer,
        receivedAt: this.#options.now(),
      });
    } catch (cause) {
      this.#failures += 1;
      this.#report(afterFailure(this.#state, toWasiError(cause)));
    }
    this.#running = false;
    if (this.#abort.signal.aborted) {
      return;
    }
    if (this.#runAgain) {
      this.#run();
    } else {
      this.#schedule(
        this.#isSignalled ? this.#signalDelay() : this.#pollDelay(),
      );
    }
  }

  #countLoad(): void {
    const now = this.#options.now();
    const earned = (now - this.#lastStart) / QUICK_LOAD_EVERY_MS;
    this.#quickLoads = Math.min(MAX_QUICK_LOADS, this.#quickLoads + earned) - 1;
    this.#lastStart = now;
  }

  #report(state: LiveState<T>): void {
    if (!this.#abort.signal.aborted) {
      this.#state = state;
      this.#options.onState(state);
    }
  }

  #schedule(delay: number | undefined): void {
    clearTimeout(this.#timer);
    if (
      delay !== undefined &&
      this.#options.page.visibilityState !== 'hidden'
    ) {
      this.#timer = setTimeout(this.refresh, delay);
    }
  }

  #pollDelay(): number | undefined {
    const error = errorOf(this.#state);
    if (error) {
      // Asking again does not grant a permission.
      return isRefusal(error)
        ? undefined
        : Math.min(QUICK_POLL_MS * 2 ** this.#failures, LONGEST_BACKOFF_MS);
    }
    if (this.#state.phase !== 'loaded') {
      return QUICK_POLL_MS;
    }
    switch (this.#options.paceOf(this.#state.answer)) {
      case 'troubled':
        return this.#unsubscribe ? SLOW_POLL_MS : TROUBLED_POLL_MS;
      case 'moving':
        return QUICK_POLL_MS;
      default:
        return this.#unsubscribe || this.#options.calm
          ? SLOW_POLL_MS
          : QUICK_POLL_MS;
    }
  }

  readonly #onSubscribed = (): void => {
    this.#subscribing = undefined;
    if (this.#options.page.visibilityState !== 'hidden') {
      this.refresh();
    }
  };

  readonly #onSignal = (signal: ModulesChangedSignal): void => {
    const state = this.#state;
    if (
      state.phase === 'loaded' &&
      this.#options.concerns?.(state.answer, signal) === false
    ) {
      return;
    }
    if (this.#subscribing !== undefined) {
      // It stands, and what is loaded now is from after that.
      clearTimeout(this.#subscribing);
      this.#subscribing = undefined;
    }
    if (this.#running) {
      this.#isSignalled = true;
    } else {
      this.#schedule(this.#signalDelay());
    }
  };

  #signalDelay(): number {
    const spacing =
      this.#quickLoads < 1 ? QUICK_LOAD_EVERY_MS : SIGNAL_SPACING_MS;
    return Math.max(0, spacing - (this.#options.now() - this.#lastStart));
  }

  readonly #onVisibility = (): void => {
    if (this.#options.page.visibilityState === 'hidden') {
      clearTimeout(this.#timer);
    } else {
      this.refresh();
    }
  };
}

function afterFailure<T>(before: LiveState<T>, error: WasiError): LiveState<T> {
  // Data that the caller may no longer read is taken off the page.
  return before.phase === 'loaded' && !isRefusal(error)
    ? { ...before, staleBecause: error }
    : { phase: 'failed', error };
}

function errorOf(state: LiveState<unknown>): WasiError | undefined {
  switch (state.phase) {
    case 'failed':
      return state.error;
    case 'loaded':
      return state.staleBecause;
    default:
      return undefined;
  }
}

function isRefusal(error: WasiError): boolean {
  return (
    error.name === 'NotAllowedError' || error.name === 'AuthenticationError'
  );
}
