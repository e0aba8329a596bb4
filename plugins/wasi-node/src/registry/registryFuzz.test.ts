import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  catalogue,
  isWasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { configWith, writeModule } from './__fixtures__/modules';
import {
  digestOf,
  startScriptedRegistry,
  type Exchange,
} from './__fixtures__/scriptedRegistry';
import { createModuleRegistry } from './createModuleRegistry';

const SEED = Number(process.env.WASI_FUZZ_SEED ?? 20_260_102);
const ROUNDS = Number(process.env.WASI_FUZZ_ROUNDS ?? 40);
const PASSWORD = 'hunter2-secret';
const BASIC = Buffer.from(`me:${PASSWORD}`).toString('base64');
const IDENTITY = 'identity-secret';
/** Each of these would be a leak in what a user or a log reads. */
const SECRETS = new RegExp(
  [PASSWORD, BASIC, IDENTITY, 'token-secret'].join('|'),
);
/** Three tries of a few requests, each with a login and five redirects at most. */
const MOST_REQUESTS = 150;

type Random = (below: number) => number;

/** Mulberry32: neighbouring seeds, which the rounds have, differ from the start. */
function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return below => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const pick = <Item>(random: Random, items: readonly Item[]): Item =>
  items[random(items.length)];

/** Answers with anything but what was asked for. */
function misbehave(
  random: Random,
  { request, response, url }: Exchange,
  hosts: { own: string; other: string },
): boolean {
  const digest = `sha256:${random(10).toString().repeat(64)}`;
  const location = pick(random, [
    url.pathname,
    `${url.pathname}/x`,
    `http://${hosts.other}${url.pathname}`,
    `http://${hosts.own}${url.pathname}?x=1`,
    'http://169.254.169.254/latest',
    'https://[fe80::1]/x',
    'gopher://x/',
    'http://',
    `http://me:you@${hosts.own}/`,
    '\u00ff\u00fe',
  ]);
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries({
    location: [location],
    'docker-content-digest': [digest, 'x', ''],
    'content-type': ['text/html', 'application/json; x', ''],
    'retry-after': [
      '1',
      '-1',
      '99999999999',
      'never',
      'Fri, 02 Jan 2026 03:04:15 GMT',
    ],
    'content-range': ['bytes 0-0/1', 'bytes x', 'bytes 100-200/300'],
    'www-authenticate': [
      'Basic realm="x"',
      `Bearer realm="http://${hosts.own}/token",service="s"`,
      `Bearer realm="http://${hosts.other}/token"`,
      'Bearer realm="http://169.254.169.254/token"',
      'Bearer realm="',
      'Bearer ,,,=',
      'Negotiate',
    ],
    range: ['0-5', 'x'],
  })) {
    if (random(3) === 0) {
      headers[name] = pick(random, values);
    }
  }
  const { authorization = '' } = request.headers;
  const echoed = `${authorization} ${Buffer.from(
    authorization.replace('Basic ', ''),
    'base64',
  )}`;
  const body = pick(random, [
    '',
    '{}',
    '[]',
    'null',
    '<html>',
    '[[[[[[',
    '{"token":"token-secret"}',
    '{"token":"token-secret","expires_in":-5}',
    '{"access_token":"token-secret","expires_in":1e308}',
    JSON.stringify({ errors: [{ code: 'DENIED', message: echoed }] }),
    '{"schemaVersion":2,"layers":[]}',
    `{"schemaVersion":2,"layers":[{"mediaType":"application/wasm","digest":"${digest}","size":${random(
      400,
    )}}]}`,
    'x'.repeat(random(100_000)),
  ]);
  switch (random(8)) {
    case 0:
      request.socket.destroy();
      return true;
    case 1:
      response.writeHead(200, { ...headers, 'content-length': '100000' });
      response.write(body, () => response.destroy());
      return true;
    case 2:
      request.socket.end(
        pick(random, [
          '\0\0\0',
          'HTTP/1.1 200\r\nx',
          `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
        ]),
      );
      return true;
    default:
      request.resume();
      response.writeHead(
        pick(
          random,
          [
            200, 200, 201, 202, 204, 206, 301, 302, 304, 307, 308, 400, 401,
            401, 403, 404, 405, 408, 413, 416, 418, 429, 500, 502, 503, 504,
            599,
          ],
        ),
        headers,
      );
      response.end(body);
      return true;
  }
}

jest.setTimeout(300_000);

describe(`a registry that answers at random (seed ${SEED}, ${ROUNDS} rounds)`, () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);

  beforeAll(() => {
    process.on('unhandledRejection', note);
  });

  afterAll(() => {
    process.off('unhandledRejection', note);
  });

  it('gets its work done right, or ends it with a reason and a next step; in few requests, without a secret, with nothing left', async () => {
    const module = writeModule(150_000);
    let random = createRandom(SEED);
    let badness = 0;
    const hosts = { own: '', other: '' };
    const intercept = (exchange: Exchange) =>
      random(10) < badness && misbehave(random, exchange, hosts);
    const other = await startScriptedRegistry(intercept);
    const registry = await startScriptedRegistry(intercept);
    Object.assign(hosts, { own: registry.host, other: other.host });
    const faults: unknown[] = [];
    const dockerConfig = module.write('config.json', {
      auths: { [registry.host]: { identitytoken: IDENTITY } },
    });
    const reference = `${registry.host}/team/hello:1.0`;
    const target = join(module.directory, 'pulled.wasm');
    const layouts = mkdtempSync(join(tmpdir(), 'wasi-fuzz-'));
    const ends = { right: 0, failed: 0 };
    try {
      for (let round = 0; round < ROUNDS; round++) {
        // Each round by itself, so that one seed and number repeats it.
        random = createRandom(SEED + round);
        badness = random(8);
        registry.seen.length = 0;
        other.seen.length = 0;
        registry.manifests.clear();
        registry.blobs.clear();
        const account = pick(random, [
          {},
          { username: 'me', password: PASSWORD },
          { token: 'token-secret' },
          { docker: true },
        ]);
        const client = createModuleRegistry(
          configWith(
            [{ host: registry.host, ...account }, { host: other.host }],
            'docker' in account ? dockerConfig : undefined,
          ),
          { pause: async () => {}, timeouts: { idle: 5_000 } },
        );
        const operations = {
          push: async () => {
            const { layerDigest, digest } = await client.push({
              path: module.path,
              reference,
              inspection: module.inspection,
              annotations: {},
              created: '2026-01-02T03:04:05Z',
            });
            return [layerDigest, /^sha256:[a-f0-9]{64}$/.test(digest)];
          },
          pull: async () => {
            const pulled = await client.pull(reference, target, {
              maxBytes: 1_000_000,
            });
            return [
              pulled.digest,
              digestOf(readFileSync(target)) === pulled.digest,
            ];
          },
          describe: async () => {
            const { digest, layers } = await client.describe(reference);
            return [digest, Array.isArray(layers)];
          },
          pushIndex: async () => {
            const { digest } = await client.push({
              path: module.path,
              reference,
              format: 'index',
              inspection: module.inspection,
              annotations: {},
              created: '2026-01-02T03:04:05Z',
            });
            return [digest, /^sha256:[a-f0-9]{64}$/.test(digest)];
          },
          pullOfIndex: async () => {
            const pulled = await client.pull(reference, target, {
              maxBytes: 1_000_000,
            });
            return [
              pulled.digest,
              digestOf(readFileSync(target)) === pulled.digest,
            ];
          },
          copy: async () => {
            const path = join(layouts, `round-${round}`);
            const copied = await client.copy({
              from: reference,
              to: { kind: 'folder', path, name: 'oci:copy', reference: '1.0' },
              referrers: true,
              maxBytes: 10_000_000,
            });
            const again = await client.describe({
              kind: 'folder',
              path,
              name: 'oci:copy',
              reference: '1.0',
            });
            return [copied.digest, again.digest === copied.digest];
          },
          canPullAnonymously: async () => [
            '',
            typeof (await client.canPullAnonymously(reference)) === 'boolean',
          ],
        };
        for (const [name, operation] of Object.entries(operations)) {
          const before = registry.seen.length + other.seen.length;
          const where = { round, name };
          const [error, result] = await operation().then(
            value => [undefined, value],
            reason => [reason, undefined],
          );
          if (error) {
            ends.failed++;
            const { code, message, remedy, stack } = error;
            if (
              !isWasiError(error) ||
              !(code in catalogue) ||
              !remedy ||
              !message
            ) {
              faults.push({ ...where, error });
            }
            const read = [message, remedy, stack, JSON.stringify(error)];
            faults.push(
              ...read
                .filter(text => SECRETS.test(text))
                .map(leak => ({ ...where, leak })),
            );
          } else {
            ends.right++;
          }
          if (result && !result[1]) {
            faults.push({ ...where, result });
          }
          expect(
            registry.seen.length + other.seen.length - before,
          ).toBeLessThanOrEqual(MOST_REQUESTS);
          // `pulled.wasm` only where it is whole, and nothing else beside it.
          expect({
            ...where,
            files: readdirSync(module.directory).filter(
              file =>
                !['hello.wasm', 'config.json', 'pulled.wasm'].includes(file),
            ),
            kept: !name.startsWith('pull') || existsSync(target) === !error,
          }).toEqual({ ...where, files: [], kept: true });
          if (name.startsWith('pull') && existsSync(target)) {
            rmSync(target);
          }
        }
        // The other host is no login server of ours, whatever it is asked.
        expect(
          other.seen.filter(
            ({ path, authorization }) =>
              authorization && !path.startsWith('/token'),
          ),
        ).toEqual([]);
      }
    } finally {
      await Promise.all([registry.close(), other.close()]);
      module.remove();
      rmSync(layouts, { recursive: true });
    }
    expect(faults).toEqual([]);
    expect(unhandled).toEqual([]);
    // Else the fuzz would show nothing.
    expect(Math.min(ends.right, ends.failed)).toBeGreaterThan(0);
  });
});
