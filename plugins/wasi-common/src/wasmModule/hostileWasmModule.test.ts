import fc from 'fast-check';
import { readFixture } from '../__fixtures__/readFixture';
import { atLeast, fuzzing } from '../__testUtils__/fuzzing';
import { readModuleLinks } from '../annotations';
import { isWasiError } from '../diagnosis';
import { describeNetwork } from '../network';
import { preflight } from '../preflight';
import { deriveHealth } from './deriveHealth';
import { parseWasmModule } from './parseWasmModule';
import type { WasmModule } from './types';

const ready = () =>
  JSON.parse(readFixture('wasmmodule.v1alpha1.ready.json')) as WasmModule;

const HEALTH_STATES = [
  'ready',
  'idle',
  'progressing',
  'degraded',
  'failed',
  'unknown',
];

/** What the portal does with an object that a cluster sends. */
function look(value: unknown): 'shown' | 'refused' {
  let module: WasmModule;
  try {
    module = parseWasmModule(value);
  } catch (error) {
    if (!isWasiError(error) || error.code !== 'MODULE_INVALID') {
      throw error;
    }
    expect(error.message.length).toBeLessThan(5_000);
    expect(error.findings?.length).toBeLessThanOrEqual(100);
    return 'refused';
  }
  const { state, message } = deriveHealth(module, {
    events: [],
    logTail: ['line'],
  });
  expect(HEALTH_STATES).toContain(state);
  expect(message.length).toBeLessThan(5_000);
  preflight(module, {});
  describeNetwork(module.spec.network);
  return 'shown';
}

/** Every place of an object, as paths. */
function placesOf(value: unknown, path: string[] = []): string[][] {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inside]) => [
        [...path, key],
        ...placesOf(inside, [...path, key]),
      ])
    : [];
}

function exchange(value: unknown, [key, ...rest]: string[], by: unknown) {
  const object = value as Record<string, unknown>;
  if (rest.length > 0) {
    exchange(object[key], rest, by);
  } else if (by === undefined) {
    delete object[key];
  } else {
    object[key] = by;
  }
}

describe('a WasmModule that a hostile or broken cluster sends', () => {
  const full = {
    ...ready(),
    spec: {
      image: 'quay.io/shop/a:1',
      args: ['a'],
      env: [{ name: 'A', value: 'b' }],
      volumes: [{ name: 'v', emptyDir: {} }],
      volumeMounts: [{ name: 'v', mountPath: '/v' }],
      resources: { limits: { memory: '1Gi' } },
      network: { tcp: { connect: ['db:1'] }, udp: { outgoing: ['*:*'] } },
    },
  };
  const places = placesOf(full);
  const poison = fc.oneof(
    fc.constantFrom<unknown>(
      ...[undefined, null, '', 0, -1, true, [], {}, [null], [[]], [{}]],
      ...['__proto__', 'constructor', '\0', '\ud800', 'a'.repeat(20_000)],
      ...['9'.repeat(400), '1970-01-01T00:00:00Z', 'Infinity', '{{ env:A }}'],
      JSON.parse('{"__proto__":{"polluted":"x"},"constructor":{"a":1}}'),
    ),
    fc.jsonValue({ maxDepth: 2 }),
  );

  it('is shown or refused, whatever stands at any place', () => {
    const seen = { shown: 0, refused: 0 };
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(places.length - 1), poison), {
          minLength: 1,
          maxLength: 3,
        }),
        changes => {
          const value = structuredClone(full);
          for (const [at, by] of changes) {
            try {
              exchange(value, places[at], by);
            } catch (error) {
              // A change before took the place away.
              if (!(error instanceof TypeError)) {
                throw error;
              }
            }
          }
          seen[look(value)] += 1;
        },
      ),
      fuzzing(800),
    );
    expect(seen.shown).toBeGreaterThanOrEqual(atLeast(50));
    expect(seen.refused).toBeGreaterThanOrEqual(atLeast(50));
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  }, 240_000);

  it('is shown or refused, whatever it is', () => {
    expect(() =>
      fc.assert(
        fc.property(fc.anything(), value => {
          look(value);
        }),
        fuzzing(500),
      ),
    ).not.toThrow();
  }, 240_000);

  const condition = (index: number) => ({
    type: index === 0 ? 'Ready' : `T${index}`,
    status: 'False' as const,
    reason: 'RevisionFailed',
    message: `m${index}`,
  });
  // Objects of about the size that etcd takes, 1.5 MB; some of these took minutes.
  it.each([
    [
      'a hundred thousand conditions',
      {
        status: {
          conditions: Array.from({ length: 100_000 }, (_, index) =>
            condition(index),
          ),
        },
      },
    ],
    [
      'two hundred thousand managers',
      {
        metadata: {
          name: 'a',
          managedFields: Array<object>(200_000).fill({
            time: '2026-01-01T00:00:00Z',
          }),
        },
      },
    ],
    [
      'a message that begins like many causes',
      {
        status: {
          conditions: [
            { ...condition(0), message: 'image csi '.repeat(150_000) },
          ],
        },
      },
    ],
    [
      'thirty thousand volumes and mounts',
      {
        spec: {
          image: 'quay.io/a/b:1',
          volumes: Array.from({ length: 30_000 }, (_, index) => ({
            name: `v${index}`,
          })),
          volumeMounts: Array.from({ length: 30_000 }, (_, index) => ({
            name: `v${30_000 - index}`,
            mountPath: `/p${index}/${'/'.repeat(10)}`,
          })),
        },
      },
    ],
    ['an image of a megabyte', { spec: { image: 'a/'.repeat(500_000) } }],
  ])('is shown, however large: %s', (_, change) => {
    expect(look({ ...ready(), ...change })).toBe('shown');
  });

  it('is refused in a few words, however many fields are wrong', () => {
    const env = Array<object>(50_000).fill({ name: 1 });
    expect(look({ ...ready(), spec: { image: 'a', env } })).toBe('refused');
  });

  it('gives its labels and annotations back, also those named like parts of JavaScript', () => {
    const annotations = JSON.parse('{"constructor":"a","toString":"b"}');
    const { metadata } = parseWasmModule({
      ...ready(),
      metadata: { name: 'a', annotations },
    });
    expect(Object.entries(metadata.annotations ?? {})).toEqual([
      ['constructor', 'a'],
      ['toString', 'b'],
    ]);
  });
});

describe('hostile annotations of an entity', () => {
  const KEY = 'wasm.serving.knative.dev/module';
  const entity = (annotations: unknown) =>
    ({
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'Component',
      metadata: { name: 'a', annotations },
    } as Parameters<typeof readModuleLinks>[0]);

  it('name modules by Kubernetes names only, or are told', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom(
              ...['a', '/', ',', ' ', '..', '%2f', '?', '#', '\n', '\0', 'A'],
              ...['__proto__', '*', 'ä', '/'.repeat(9), '-', 'x'.repeat(300)],
            ),
            fc.string({ maxLength: 3 }),
          ),
          { maxLength: 12 },
        ),
        parts => {
          const { links, findings } = readModuleLinks(
            entity({ [KEY]: parts.join('') }),
          );
          expect(links.length + findings.length).toBeGreaterThan(0);
          for (const { name, namespace = 'a', cluster = 'a' } of links) {
            expect(name).toMatch(/^[a-z0-9.-]{1,253}$/);
            expect(namespace).toMatch(/^[a-z0-9-]{1,63}$/);
            expect(cluster).toMatch(/^[^\s,/]{1,253}$/);
          }
        },
      ),
      fuzzing(3_000),
    );
  }, 240_000);

  it.each([1, null, [], {}, true])(
    'that are no text are passed over: %j',
    value => {
      expect(readModuleLinks(entity({ [KEY]: value }))).toMatchObject({
        links: [],
        findings: [{ code: 'ENTITY_NOT_LINKED' }],
      });
    },
  );

  it('that name a million modules are read to the hundredth, which is told', () => {
    const { links, findings } = readModuleLinks(
      entity({
        [KEY]: Array.from(
          { length: 1_000_000 },
          (_, index) => `m${index}`,
        ).join(),
      }),
    );
    expect(links).toHaveLength(100);
    expect(findings).toEqual([
      {
        code: 'MODULE_LINK_INVALID',
        severity: 'error',
        message: 'The entity names 1000000 modules; the first 100 are read',
        remedy:
          'Write the annotation as [cluster/][namespace/]name, several separated by commas.',
        path: `metadata.annotations["${KEY}"]`,
      },
    ]);
  });
});
