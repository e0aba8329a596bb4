import type { Exchange } from '@wasi-functions/local-platform/testing';

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g;

/** Lets an answer pass as a server gives it whose clock is ahead by so much. */
export function shiftTime({ response, pass }: Exchange, aheadMs: number): void {
  const writeHead = response.writeHead.bind(response) as (
    status: number,
    headers: object,
  ) => typeof response;
  response.writeHead = ((status: number, headers: { date?: string }) =>
    writeHead(status, {
      ...headers,
      date: new Date(Date.parse(headers.date!) + aheadMs).toUTCString(),
    })) as typeof response.writeHead;
  pass(chunk => {
    response.write(
      chunk
        .toString('latin1')
        .replace(TIME, time =>
          new Date(Date.parse(time) + aheadMs)
            .toISOString()
            .replace(/\.\d+Z$/, 'Z'),
        ),
      'latin1',
    );
    return false;
  });
}
