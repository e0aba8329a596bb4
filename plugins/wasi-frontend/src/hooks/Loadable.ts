import type { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';

/** Something that is fetched once and may be fetched again. */
export type Loadable<T> =
  | { phase: 'idle' }
  | { phase: 'loading' }
  | { phase: 'failed'; error: WasiError }
  | { phase: 'loaded'; value: T; reloading?: boolean };
