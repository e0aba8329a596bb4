import { Agent, get } from 'node:http';
import { percentile } from './measure';

/** How a server answered a number of requests. */
export interface Load {
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

/** Asks for a page so many times, over connections that are kept. */
export async function load(
  url: string,
  options: { requests: number; connections: number },
): Promise<Load> {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: options.connections,
  });
  const samples: number[] = [];
  let left = options.requests;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: options.connections }, async () => {
      while (left > 0) {
        left -= 1;
        const sent = performance.now();
        await request(url, agent);
        samples.push(performance.now() - sent);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  agent.destroy();
  return {
    perSecond: samples.length / seconds,
    p50: percentile(samples, 0.5),
    p99: percentile(samples, 0.99),
  };
}

function request(url: string, agent: Agent): Promise<void> {
  return new Promise((done, fail) => {
    get(url, { agent }, response => {
      response.resume();
      response.on('error', fail);
      response.on('end', () =>
        response.statusCode === 200
          ? done()
          : fail(new Error(`${url} answered ${response.statusCode}`)),
      );
    }).on('error', fail);
  });
}
