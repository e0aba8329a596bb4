import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LogLine } from '@wasi-functions/backstage-plugin-wasi-common';
import request from 'supertest';
import {
  BackendUnderTest,
  modulesOf,
  PAY,
} from './__testUtils__/BackendUnderTest';

const ref = { namespace: 'shop', name: 'pay' };

/** A browser that follows a log over a connection of its own. */
class Follower {
  readonly #abort = new AbortController();
  readonly #response: Response;
  readonly #chunks: ReadableStreamDefaultReader<Uint8Array>;
  #text = '';

  static async open(server: Server, path: string): Promise<Follower> {
    const abort = new AbortController();
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      // As a browser asks; what is compressed comes late.
      headers: { 'accept-encoding': 'gzip, deflate, br' },
      signal: abort.signal,
    });
    return new Follower(response, abort);
  }

  private constructor(response: Response, abort: AbortController) {
    this.#response = response;
    this.#abort = abort;
    this.#chunks = response.body!.getReader();
  }

  get headers(): Headers {
    return this.#response.headers;
  }

  /** The next line that says something. */
  async next(): Promise<LogLine | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n');
      if (end !== -1) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        if (line) {
          return JSON.parse(line);
        }
        continue;
      }
      const { done, value } = await this.#chunks.read();
      if (done) {
        return undefined;
      }
      this.#text += Buffer.from(value).toString('utf8');
    }
  }

  leave(): void {
    this.#abort.abort();
  }
}

describe('the backend plugin, following logs', () => {
  let backend: BackendUnderTest;
  let followers: Follower[];

  beforeEach(() => {
    backend = new BackendUnderTest();
    followers = [];
  });

  afterEach(async () => {
    followers.forEach(follower => follower.leave());
    await backend.stop();
  });

  async function follow(server: Server, query = 'follow=true') {
    const follower = await Follower.open(server, `${PAY}/logs?${query}`);
    followers.push(follower);
    return follower;
  }

  it('sends each line at once, over a real connection that takes compression', async () => {
    backend.prod.setLogs(ref, ['one', 'two']);
    const follower = await follow(
      await backend.start(),
      'follow=true&tailLines=1',
    );

    expect(follower.headers.get('content-type')).toBe('application/x-ndjson');
    expect(follower.headers.get('content-encoding')).toBeNull();
    expect(follower.headers.get('cache-control')).toContain('no-transform');
    expect(await follower.next()).toEqual({ line: 'two', source: 'module' });

    backend.prod.setLogs(ref, ['one', 'two', 'three']);
    expect(await follower.next()).toEqual({ line: 'three', source: 'module' });
  });

  it('lets go of the cluster when the browser leaves', async () => {
    const server = await backend.start();
    const left = new Promise<void>(resolve => {
      const followLogs = backend.prod.followLogs.bind(backend.prod);
      jest
        .spyOn(backend.prod, 'followLogs')
        .mockImplementation((module, options) => {
          options.signal.addEventListener('abort', () => resolve());
          return followLogs(module, options);
        });
    });
    backend.prod.setLogs(ref, ['one']);
    const follower = await follow(server);
    await follower.next();

    follower.leave();

    await expect(left).resolves.toBeUndefined();
  });

  it('lets one user follow so many logs, and one more once one has ended', async () => {
    backend.prod.setLogs(ref, ['one']);
    const server = await backend.start();
    const open = await Promise.all(
      Array.from({ length: 5 }, () => follow(server)),
    );
    await Promise.all(open.map(one => one.next()));

    const refused = await request(server).get(`${PAY}/logs?follow=true`);
    expect(refused.status).toBe(503);
    expect(refused.body.error).toMatchObject({
      code: 'LOG_FOLLOWERS_TOO_MANY',
      message: 'You follow 5 logs already.',
    });

    open[0].leave();
    let status = 503;
    while (status === 503) {
      const { port } = server.address() as AddressInfo;
      const abort = new AbortController();
      const answer = await fetch(
        `http://127.0.0.1:${port}${PAY}/logs?follow=true`,
        { signal: abort.signal },
      );
      status = answer.status;
      abort.abort();
    }
    expect(status).toBe(200);
  });

  it('refuses who may not read logs, and a module of another entity, before a line is sent', async () => {
    const server = await backend.start({ deny: 'wasi.module.logs' });
    const denied = await request(server).get(`${PAY}/logs?follow=true`);
    expect(denied.status).toBe(403);
    expect(denied.body.error).toMatchObject({
      code: 'PERMISSION_DENIED',
      message: expect.stringContaining('wasi.module.logs'),
    });
  });

  it('answers 404 for a module of another entity', async () => {
    const answer = await request(await backend.start()).get(
      `${modulesOf('pay')}/prod/shop/bank/logs?follow=true`,
    );
    expect(answer.status).toBe(404);
  });

  it('says in the log why it ends', async () => {
    jest.spyOn(backend.prod, 'followLogs').mockResolvedValue(
      (async function* ends() {
        yield { line: 'one' };
        throw new Error('with the token abc');
      })(),
    );
    const follower = await follow(await backend.start());

    expect(await follower.next()).toEqual({ line: 'one' });
    expect(await follower.next()).toEqual({
      line: 'The log ends here: it could not be read further.',
    });
    expect(await follower.next()).toBeUndefined();
  });
});
