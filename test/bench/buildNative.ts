import { measureBuilds } from './build';
import type { Result } from './report';

export const title =
  'A build of compiled languages against the same commands by hand';

/** They compile their standard library anew in an empty home, so few rounds do. */
export async function measure(): Promise<Result[]> {
  return measureBuilds([
    { name: 'go-wasi', rounds: 2 },
    { name: 'rust-wasi', rounds: 2 },
  ]);
}
