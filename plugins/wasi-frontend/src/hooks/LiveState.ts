import type {
  ModuleListAnswer,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';

/** What the page knows about something that changes by itself. */
export type LiveState<T> =
  | { phase: 'loading' }
  | { phase: 'failed'; error: WasiError }
  | {
      phase: 'loaded';
      answer: T;
      /** Milliseconds since the epoch. */
      receivedAt: number;
      /** Why the last attempt to refresh failed; the data is from before. */
      staleBecause?: WasiError;
    };

/** What the page knows about the modules of an entity. */
export type ModulesState = LiveState<ModuleListAnswer>;
