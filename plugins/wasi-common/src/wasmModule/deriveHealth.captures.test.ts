import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { deriveHealth } from './deriveHealth';
import type {
  Condition,
  KnativeRevision,
  ModuleEvent,
  WasmModule,
} from './types';

const CAPTURES = resolve(__dirname, '../../../../test/knative/captures');

interface Capture {
  service: { status: { conditions: Condition[] } };
  revisions: {
    metadata: { name: string };
    status: { conditions: Condition[] };
  }[];
  events: (ModuleEvent & {
    involvedObject: NonNullable<ModuleEvent['about']>;
  })[];
}

/** As a module is told of by what real controllers of Knative said. */
function healthOf(name: string) {
  const { service, revisions, events }: Capture = JSON.parse(
    readFileSync(resolve(CAPTURES, `${name}.json`), 'utf8'),
  );
  const { conditions } = service.status;
  const module: WasmModule = {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: { name: 'orders', namespace: 'shop', generation: 1 },
    spec: { image: 'quay.io/shop/orders:1' },
    status: {
      observedGeneration: 1,
      conditions: conditions.filter(({ type }) => type === 'Ready'),
    },
  };
  return deriveHealth(module, {
    service: { conditions },
    revisions: revisions.map(
      ({ metadata, status }): KnativeRevision => ({
        name: metadata.name,
        conditions: status.conditions,
      }),
    ),
    events: events.map(({ involvedObject, ...event }) => ({
      ...event,
      about: involvedObject,
    })),
  });
}

describe('what a user reads of a module that Knative was heard to give up', () => {
  it.each([
    {
      capture: 'never-becomes-ready',
      says: /^The module failed: ReplicaSet "orders-0000\d-deployment-hash" has timed out progressing\.$/,
    },
    {
      capture: 'runner-ends-silently',
      says: /^The module failed: the runner ended with code 1 and said nothing\.$/,
    },
    {
      capture: 'module-needs-login',
      says: /^The module failed: the registry asks for a login, and the runner pulls without\.$/,
    },
  ])('says why: $capture', ({ capture, says }) => {
    const health = healthOf(capture);

    expect(health).toMatchObject({ state: 'failed' });
    expect(health.message).toMatch(says);
  });

  it('takes nothing for a refusal that its parts say of each other', () => {
    expect(healthOf('starting')).toMatchObject({
      state: 'progressing',
      code: 'MODULE_STARTING',
    });
  });
});
