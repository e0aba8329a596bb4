import type { FetchFile } from '../fetchFile';

export type Answer = { status?: number; location?: string; body?: Uint8Array };

/** A network of a few addresses; anything else is a mistake of the test. */
export function network(answers: Record<string, Answer>): {
  fetch: FetchFile;
  asked: string[];
} {
  const asked: string[] = [];
  return {
    asked,
    async fetch(url) {
      asked.push(url);
      const answer = answers[url];
      if (!answer) {
        throw new TypeError('fetch failed', {
          cause: new Error(`connect ECONNREFUSED ${url}`),
        });
      }
      const { status = 200, location, body } = answer;
      return new Response(body && Uint8Array.from(body), {
        status,
        headers: location ? { location } : {},
      });
    },
  };
}
