import { companionResources } from './companionResources';

const owner = {
  apiVersion: 'wasm.serving.knative.dev/v1alpha1',
  kind: 'WasmModule',
  name: 'pay',
  uid: 'u',
};
const metadata = {
  name: 'pay',
  namespace: 'shop',
  uid: 's-1',
  resourceVersion: '9',
  generation: 2,
};

describe('what is kept of a Knative Service', () => {
  const { read } = companionResources.services;

  it('is what health is told by, and no word of its spec', () => {
    expect(
      read({
        metadata: {
          ...metadata,
          ownerReferences: [owner],
          managedFields: [{}],
        },
        spec: { template: { spec: { containers: [{ env: ['secret'] }] } } },
        status: {
          observedGeneration: 2,
          latestCreatedRevisionName: 'pay-00002',
          latestReadyRevisionName: 'pay-00001',
          conditions: [
            { type: 'Ready', status: 'False', message: 'x'.repeat(5_000) },
          ],
          traffic: [],
        },
      }),
    ).toEqual({
      namespace: 'shop',
      name: 'pay',
      id: 'pay',
      resourceVersion: '9',
      tells: {
        service: {
          uid: 's-1',
          generation: 2,
          observedGeneration: 2,
          latestCreatedRevision: 'pay-00002',
          latestReadyRevision: 'pay-00001',
          conditions: [
            { type: 'Ready', status: 'False', message: 'x'.repeat(1_000) },
          ],
        },
      },
    });
  });

  it.each([
    { title: 'nobody', ownerReferences: undefined },
    {
      title: 'a module of another group',
      ownerReferences: [{ ...owner, apiVersion: 'example.com/v1' }],
    },
    {
      title: 'something else',
      ownerReferences: [{ ...owner, kind: 'KafkaSource' }],
    },
  ])('is nothing where it belongs to $title', ({ ownerReferences }) => {
    expect(read({ metadata: { ...metadata, ownerReferences } })).toBe(
      undefined,
    );
  });

  it.each([null, 'text', { metadata: 1 }])('is nothing of %j', row => {
    expect(read(row)).toBeUndefined();
  });
});

describe('what is kept of a Knative Revision', () => {
  const { read } = companionResources.revisions;
  const labels = {
    'serving.knative.dev/service': 'pay',
    'serving.knative.dev/configurationGeneration': '12',
  };
  const runner = {
    containers: [{ env: [{ name: 'WASI_CONFIG', value: '{}' }] }],
  };

  it('is its conditions, and whose it is', () => {
    expect(
      read({
        metadata: { ...metadata, name: 'pay-00012', labels },
        spec: runner,
        status: {
          conditions: [
            { type: 'Active', status: 'False', reason: 'NoTraffic' },
          ],
        },
      }),
    ).toEqual({
      namespace: 'shop',
      name: 'pay',
      id: 'pay-00012',
      resourceVersion: '9',
      tells: {
        revision: {
          name: 'pay-00012',
          generation: 12,
          conditions: [
            { type: 'Active', status: 'False', reason: 'NoTraffic' },
          ],
        },
      },
    });
  });

  it('is nothing where it runs no module', () => {
    expect(
      read({
        metadata: { ...metadata, labels },
        spec: { containers: [{ env: [{ name: 'PORT' }] }, {}] },
      }),
    ).toBeUndefined();
  });
});

describe('what is kept of an event', () => {
  const { read } = companionResources.events;
  const event = (involvedObject: object) => ({
    metadata: { ...metadata, name: 'e-1' },
    involvedObject: { namespace: 'shop', ...involvedObject },
    type: 'Warning',
    reason: 'BackOff',
    message: 'Back-off.',
    count: 3,
    lastTimestamp: '2026-01-01T00:00:00Z',
  });

  it.each([
    { kind: 'WasmModule', name: 'pay', apiVersion: owner.apiVersion },
    { kind: 'Service', name: 'pay', apiVersion: 'serving.knative.dev/v1' },
    { kind: 'Configuration', name: 'pay' },
    { kind: 'Revision', name: 'pay-00012' },
    { kind: 'Deployment', name: 'pay-00012-deployment' },
    { kind: 'ReplicaSet', name: 'pay-00012-deployment-7d9f' },
    { kind: 'Pod', name: 'pay-00012-deployment-7d9f-abcde' },
  ])('is of the module where it is about its $kind', about => {
    expect(read(event(about))).toMatchObject({
      namespace: 'shop',
      name: 'pay',
      id: 'e-1',
    });
  });

  it.each([
    { kind: 'WasmModule', name: 'pay', apiVersion: 'example.com/v1' },
    { kind: 'Pod', name: 'pay-7d9f-abcde' },
    { kind: 'ReplicaSet', name: 'pay-deployment-7d9f' },
    { kind: 'Node', name: 'pay' },
    {},
  ])('is nothing where it is about %j', about => {
    expect(read(event(about))).toBeUndefined();
  });

  it('is of the module also where its name was cut for being long', () => {
    const name = 'a'.repeat(44);
    const about = {
      kind: 'Pod',
      name: `${`${name}-00001-deployment-7d9f5`.slice(0, 58)}abcde`,
    };
    expect(read(event(about))?.name).toBe(name);
  });

  it('names what it is about, unless that is the module', () => {
    const told = read(event({ kind: 'Pod', name: 'pay-00012-deployment-x-y' }));
    expect(told?.tells).toEqual({
      event: {
        type: 'Warning',
        reason: 'BackOff',
        message: 'Back-off.',
        count: 3,
        lastSeen: '2026-01-01T00:00:00Z',
        about: { kind: 'Pod', name: 'pay-00012-deployment-x-y' },
      },
    });
    expect(
      read(
        event({
          kind: 'WasmModule',
          name: 'pay',
          apiVersion: owner.apiVersion,
          uid: 'u-1',
        }),
      )?.tells,
    ).toEqual({
      event: expect.not.objectContaining({ about: expect.anything() }),
      ofUid: 'u-1',
    });
  });
});
