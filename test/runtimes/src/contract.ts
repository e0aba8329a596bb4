import { randomBytes } from 'node:crypto';
import type { Answer, Ask, ServedFunction } from './engines';
import { PADDING, startUpstream, unreachableUrl } from './startUpstream';

/** How a claim is declared: jest's `it`, with whatever is noted of it. */
export type Claim = (title: string, check: () => Promise<void>) => void;

/**
 * Declares what every function of a template does, whatever it is written in.
 *
 * @param serve - Serves the function with an environment of its own.
 */
export function describeContract(
  claim: Claim,
  serve: (env: Record<string, string>) => Promise<ServedFunction>,
): void {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  const started: Partial<Record<Environment, Promise<ServedFunction>>> = {};

  const environments = {
    bare: async () => ({}),
    greeting: async () => ({ GREETING: 'Moi', UPSTREAM_URL: upstream.url }),
    empty: async () => ({
      GREETING: '',
      UPSTREAM_URL: `${upstream.url}/large/file?c=%20d&e`,
    }),
    unreachable: async () => ({ UPSTREAM_URL: await unreachableUrl() }),
  };
  type Environment = keyof typeof environments;

  beforeAll(async () => {
    upstream = await startUpstream();
  });

  afterAll(async () => {
    const served = await Promise.allSettled(Object.values(started));
    for (const each of served) {
      if (each.status === 'fulfilled') {
        await each.value.stop();
      }
    }
    await upstream.close();
  });

  async function ask(
    request: Ask & { environment?: Environment },
  ): Promise<Answer> {
    const { environment = 'bare', ...rest } = request;
    // Node sends none with the methods that seldom have a body.
    const headers = {
      'content-length': String(Buffer.byteLength(rest.body ?? '')),
    };
    started[environment] ??= environments[environment]().then(serve);
    return await (await started[environment]).ask({ headers, ...rest });
  }

  const askText = async (...args: Parameters<typeof ask>) => {
    const { status, body } = await ask(...args);
    return { status, body: body.toString() };
  };

  claim('greets the world, as text', async () => {
    const { status, headers, body } = await ask({ path: '/' });
    expect({
      status,
      type: headers['content-type'],
      body: body.toString(),
    }).toEqual({
      status: 200,
      type: 'text/plain; charset=utf-8',
      body: 'Hello, world!\n',
    });
  });

  for (const [query, name] of [
    ['?name=Ada', 'Ada'],
    ['?name=Ada%20Lovelace', 'Ada Lovelace'],
    ['?first=1&name=%C3%85sa&last', 'Åsa'],
    ['?name=100%25', '100%'],
    ['?surname=Lovelace', 'world'],
  ]) {
    claim(`greets who is named by ${query}`, async () => {
      expect(await askText({ path: `/${query}` })).toEqual({
        status: 200,
        body: `Hello, ${name}!\n`,
      });
    });
  }

  claim('greets someone even where the encoding is broken', async () => {
    expect((await ask({ path: '/?name=%' })).status).toBe(200);
    expect((await ask({ path: '/?name=%zz%4' })).status).toBe(200);
  });

  claim('greets with GREETING, unless that is empty', async () => {
    expect(
      await askText({ path: '/?name=Ada', environment: 'greeting' }),
    ).toEqual({ status: 200, body: 'Moi, Ada!\n' });
    expect(await askText({ path: '/', environment: 'empty' })).toEqual({
      status: 200,
      body: 'Hello, world!\n',
    });
  });

  for (const [method, path, body] of [
    ['GET', '/echo', ''],
    ['POST', '/echo?a=1&b=2', 'some text\nof two lines'],
    ['PUT', '/echo?a=%20%2F&&b', 'text'],
    ['PATCH', '/echo?', 'text'],
    ['DELETE', '/echo', 'a body, though rare'],
    ['OPTIONS', '/echo?a', ''],
    ['PURGE', '/echo?a=1', ''],
  ]) {
    claim(`tells ${method} ${path} with ${body.length} bytes`, async () => {
      const [, query = ''] = path.split('?');
      const answer = await ask({ method, path, body });
      expect({
        status: answer.status,
        type: answer.headers['content-type'],
        body: answer.body.toString(),
      }).toEqual({
        status: 200,
        type: expect.stringMatching(/^text\/plain\b/),
        body: `method: ${method}\npath: /echo\nquery: ${query}\nbody: ${body}\n`,
      });
    });
  }

  claim('gives 1 MiB of any bytes back whole', async () => {
    const body = randomBytes(1024 * 1024);
    const answer = await ask({ method: 'POST', path: '/echo', body });
    expect(answer.status).toBe(200);
    expect(
      answer.body.equals(
        Buffer.concat([
          Buffer.from('method: POST\npath: /echo\nquery: \nbody: '),
          body,
          Buffer.from('\n'),
        ]),
      ),
    ).toBe(true);
  });

  claim('calls the upstream, and passes on status and body', async () => {
    expect(
      await askText({ path: '/upstream', environment: 'greeting' }),
    ).toEqual({ status: 200, body: 'upstream: 201\nGET /' });
  });

  claim(
    'asks for path and query, and passes on a large body whole',
    async () => {
      const { status, body } = await askText({
        path: '/upstream',
        environment: 'empty',
      });
      const start = 'upstream: 201\nGET /large/file?c=%20d&e';
      expect({
        status,
        start: body.slice(0, start.length),
        length: body.length,
      }).toEqual({ status: 200, start, length: start.length + PADDING });
    },
  );

  claim('tells that no upstream is set', async () => {
    expect(await askText({ path: '/upstream' })).toEqual({
      status: 503,
      body: 'UPSTREAM_URL is not set\n',
    });
  });

  claim('tells that the upstream cannot be reached', async () => {
    expect(
      await askText({ path: '/upstream', environment: 'unreachable' }),
    ).toEqual({ status: 502, body: 'upstream failed\n' });
  });

  for (const [method, path] of [
    ['GET', '/nowhere'],
    ['GET', '/echo/more'],
    ['GET', '//'],
    ['POST', '/'],
    ['POST', '/upstream'],
  ]) {
    claim(`finds nothing at ${method} ${path}`, async () => {
      expect(await askText({ method, path })).toEqual({
        status: 404,
        body: 'Not found\n',
      });
    });
  }

  claim('answers twenty requests, one after the other, alike', async () => {
    const answers = new Set();
    for (let count = 0; count < 20; count += 1) {
      const { status, body } = await ask({ path: '/?name=Ada' });
      answers.add(`${status} ${body}`);
    }
    expect([...answers]).toEqual(['200 Hello, Ada!\n']);
  });

  claim('keeps requests that come together apart', async () => {
    const bodies = ['one', 'two', 'three', 'four'];
    const answers = await Promise.all(
      bodies.map(body => askText({ method: 'POST', path: '/echo', body })),
    );
    expect(answers.map(({ body }) => body)).toEqual(
      bodies.map(body => `method: POST\npath: /echo\nquery: \nbody: ${body}\n`),
    );
  });
}
