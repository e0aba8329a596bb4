import { readFixture } from '../__fixtures__/readFixture';
import { catalogue } from '../diagnosis';
import { deriveHealth, type HealthContext } from './deriveHealth';
import { parseWasmModule } from './parseWasmModule';
import type {
  Condition,
  KnativeRevision,
  KnativeService,
  ModuleEvent,
  WasmModule,
} from './types';

const load = (state: string): WasmModule =>
  parseWasmModule(JSON.parse(readFixture(`wasmmodule.v1alpha1.${state}.json`)));

const condition = (
  type: string,
  status: Condition['status'],
  reason?: string,
  message?: string,
): Condition => ({ type, status, reason, message });

const service = (
  ready: Condition,
  more: Partial<KnativeService> = {},
): KnativeService => ({
  generation: 1,
  observedGeneration: 1,
  conditions: [ready],
  latestCreatedRevision: 'orders-00001',
  latestReadyRevision: 'orders-00001',
  ...more,
});

const revision = (...conditions: Condition[]): KnativeRevision => ({
  name: 'orders-00001',
  generation: 1,
  conditions,
});

const podEvent = (
  reason: string,
  message: string,
  more: Partial<ModuleEvent> = {},
): ModuleEvent => ({
  type: 'Warning',
  reason,
  message,
  count: 1,
  lastSeen: '2026-04-02T10:01:00Z',
  about: { kind: 'Pod', name: 'orders-00001-deployment-7d9f-abcde' },
  ...more,
});

const starting = () => load('service-unavailable');
const available = condition('Ready', 'True');
const unknown = condition('Ready', 'Unknown', 'RevisionMissing', 'Deploying');

describe('health by what Knative and the pods say', () => {
  it('calls a module that is ready without a pod idle, without code or remedy', () => {
    expect(
      deriveHealth(load('ready'), {
        service: service(available),
        revisions: [
          revision(
            available,
            condition(
              'Active',
              'False',
              'NoTraffic',
              'The target is not receiving traffic.',
            ),
          ),
        ],
      }),
    ).toEqual({
      state: 'idle',
      reason: 'NoTraffic',
      message:
        'The module is ready at http://orders.shop.example.com and scaled to zero: the next request starts it.',
    });
  });

  it.each<{ title: string; context: HealthContext }>([
    {
      title: 'has a pod',
      context: {
        service: service(available),
        revisions: [revision(condition('Active', 'True'))],
      },
    },
    {
      title: 'is activating',
      context: {
        service: service(available),
        revisions: [revision(condition('Active', 'Unknown', 'Queued'))],
      },
    },
    {
      title: 'serves from another revision than the one that sleeps',
      context: {
        service: service(available, { latestReadyRevision: 'orders-00002' }),
        revisions: [revision(condition('Active', 'False', 'NoTraffic'))],
      },
    },
    { title: 'is known by its own conditions alone', context: {} },
  ])('calls a module ready that $title', ({ context }) => {
    expect(deriveHealth(load('ready'), context).state).toBe('ready');
  });

  it('believes no Ready that the controller repeats from before the change', () => {
    expect(
      deriveHealth(load('ready'), {
        service: service(available, { generation: 2, observedGeneration: 1 }),
      }),
    ).toEqual({
      state: 'progressing',
      code: 'MODULE_NOT_OBSERVED',
      message: 'Knative has not looked at the last change yet.',
      remedy: catalogue.MODULE_NOT_OBSERVED.remedy,
    });
    expect(
      deriveHealth(load('ready'), { service: service(unknown) }).state,
    ).toBe('progressing');
  });

  it('believes no Ready of a generation that nobody named', () => {
    const module = load('ready');
    delete module.status?.observedGeneration;
    expect(deriveHealth(module)).toMatchObject({
      state: 'progressing',
      code: 'MODULE_NOT_OBSERVED',
    });
  });

  it.each<{
    title: string;
    context: HealthContext;
    state: string;
    code: string;
    reason: string;
    says: string;
  }>([
    {
      title: 'the image of the runner cannot be pulled',
      context: {
        events: [
          podEvent(
            'BackOff',
            'Back-off pulling image "ghcr.io/runner:1": ErrImagePull: not found',
          ),
        ],
      },
      state: 'failed',
      code: 'RUNNER_IMAGE_PULL_FAILED',
      reason: 'BackOff',
      says: 'Back-off pulling image "ghcr.io/runner:1"',
    },
    {
      title: 'the pod crashes in a loop',
      context: {
        events: [
          podEvent(
            'BackOff',
            'Back-off restarting failed container user-container in pod orders',
          ),
        ],
      },
      state: 'failed',
      code: 'MODULE_CRASHED',
      reason: 'BackOff',
      says: 'the runner ends again and again',
    },
    {
      title: 'the log tells why the pod crashes in a loop',
      context: {
        events: [podEvent('BackOff', 'Back-off restarting failed container x')],
        logTail: [
          'Error: attempted to parse a wasm module with a component parser',
        ],
      },
      state: 'failed',
      code: 'MODULE_IS_CORE',
      reason: 'BackOff',
      says: 'the file is a core module',
    },
    {
      title: 'the runner was killed for its memory',
      context: {
        service: service(unknown),
        revisions: [
          revision(
            condition('ContainerHealthy', 'False', 'ExitCode137', 'killed'),
          ),
        ],
      },
      state: 'failed',
      code: 'MODULE_OUT_OF_MEMORY',
      reason: 'ExitCode137',
      says: 'killed for lack of memory',
    },
    {
      title: 'no node has room yet',
      context: {
        events: [podEvent('FailedScheduling', '0/3 nodes are available: cpu.')],
      },
      state: 'progressing',
      code: 'MODULE_UNSCHEDULABLE',
      reason: 'FailedScheduling',
      says: '0/3 nodes are available: cpu',
    },
    {
      title: 'Knative has given up to wait for room',
      context: {
        service: service(
          condition('Ready', 'False', 'RevisionFailed', 'Revision failed.'),
        ),
        revisions: [
          revision(
            condition(
              'ResourcesAvailable',
              'False',
              'Unschedulable',
              '0/3 nodes are available: memory.',
            ),
          ),
        ],
      },
      state: 'failed',
      code: 'MODULE_UNSCHEDULABLE',
      reason: 'RevisionFailed',
      says: 'no node has room',
    },
    {
      title: 'the quota is used up',
      context: {
        events: [
          podEvent(
            'FailedCreate',
            'pods "orders" is forbidden: exceeded quota: small',
            {
              about: {
                kind: 'ReplicaSet',
                name: 'orders-00001-deployment-7d9f',
              },
            },
          ),
        ],
      },
      state: 'failed',
      code: 'NAMESPACE_QUOTA_EXCEEDED',
      reason: 'FailedCreate',
      says: 'exceeded quota: small',
    },
    {
      title: 'a Secret to mount does not exist',
      context: {
        events: [
          podEvent(
            'FailedMount',
            'MountVolume.SetUp failed for volume "keys" : secret "keys" not found',
          ),
        ],
      },
      state: 'failed',
      code: 'MODULE_VOLUME_FAILED',
      reason: 'FailedMount',
      says: 'secret "keys" not found',
    },
    {
      title: 'the Service failed and only the log says why',
      context: {
        service: service(
          condition('Ready', 'False', 'RevisionFailed', 'Container failed.'),
        ),
        logTail: ['Error: Not authorized: url https://registry/v2/x'],
      },
      state: 'failed',
      code: 'IMAGE_NOT_ANONYMOUS',
      reason: 'RevisionFailed',
      says: 'the registry asks for a login',
    },
  ])('says that $title', ({ context, says, state, code, reason }) => {
    const health = deriveHealth(starting(), context);

    expect(health).toMatchObject({ state, code, reason });
    expect(health.message).toContain(says);
    expect(health.remedy).toMatch(/\w/);
  });

  it.each<{ title: string; events: ModuleEvent[]; latest?: string }>([
    {
      title: 'that is over',
      events: [
        podEvent('FailedScheduling', '0/3 nodes are available.'),
        podEvent('Scheduled', 'Assigned.', {
          type: 'Normal',
          lastSeen: '2026-04-02T10:01:01Z',
        }),
      ],
    },
    {
      title: 'of an earlier revision',
      events: [podEvent('BackOff', 'Back-off restarting failed container x')],
      latest: 'orders-00002',
    },
  ])('heeds no trouble $title', ({ events, latest }) => {
    expect(
      deriveHealth(starting(), {
        events,
        service: service(unknown, {
          latestCreatedRevision: latest ?? 'orders-00001',
        }),
      }),
    ).toMatchObject({ state: 'progressing', code: 'MODULE_STARTING' });
  });

  it('knows when the module was changed also where managedFields were dropped', () => {
    const module = starting();
    delete module.metadata.managedFields;
    const events: ModuleEvent[] = [
      {
        type: 'Warning',
        reason: 'InternalError',
        message: 'services "orders" is forbidden: exceeded quota: small',
        count: 1,
        lastSeen: '2026-04-02T09:59:00Z',
      },
    ];
    expect(deriveHealth(module, { events }).state).toBe('failed');
    expect(
      deriveHealth(module, { events, changedAt: '2026-04-02T10:00:00Z' }).state,
    ).toBe('progressing');
  });

  it('takes a refusal from the controller alone, not from parts that start beside each other', () => {
    const refusal: ModuleEvent = {
      type: 'Warning',
      reason: 'InternalError',
      message: 'services "orders" is forbidden: exceeded quota: small',
      count: 1,
    };
    const aside: ModuleEvent = {
      ...refusal,
      message:
        'failed to update Configuration "orders": the object has been modified',
      about: { kind: 'Configuration', name: 'orders' },
    };
    expect(deriveHealth(starting(), { events: [aside] })).toMatchObject({
      state: 'progressing',
      code: 'MODULE_STARTING',
    });
    expect(
      deriveHealth(starting(), { events: [aside, refusal] }),
    ).toMatchObject({ state: 'failed', code: 'NAMESPACE_QUOTA_EXCEEDED' });
  });

  const noneReady = condition(
    'Ready',
    'False',
    'RevisionMissing',
    'Configuration "orders" does not have any ready Revision.',
  );

  it.each<{
    title: string;
    ofRevision: Condition;
    reason: string;
    says: string;
  }>([
    {
      title: 'the newest Revision says why',
      ofRevision: condition(
        'Ready',
        'False',
        'ProgressDeadlineExceeded',
        'ReplicaSet "orders-00001-deployment" has timed out progressing.',
      ),
      reason: 'ProgressDeadlineExceeded',
      says: 'The module failed: ReplicaSet "orders-00001-deployment" has timed out progressing.',
    },
    {
      title: 'the runner said nothing',
      ofRevision: condition(
        'Ready',
        'False',
        'ExitCode3',
        'Container failed with: ',
      ),
      reason: 'ExitCode3',
      says: 'The module failed: the runner ended with code 3 and said nothing.',
    },
    {
      title: 'the newest Revision has not failed',
      ofRevision: condition('Ready', 'Unknown', 'Deploying'),
      reason: 'RevisionMissing',
      says: 'The module failed: Configuration "orders" does not have any ready Revision.',
    },
  ])(
    'says more than that no Revision is ready where $title',
    ({ ofRevision, reason, says }) => {
      expect(
        deriveHealth(starting(), {
          service: service(noneReady),
          revisions: [revision(ofRevision)],
        }),
      ).toEqual({
        state: 'failed',
        code: 'MODULE_REVISION_FAILED',
        reason,
        message: says,
        remedy: catalogue.MODULE_REVISION_FAILED.remedy,
      });
    },
  );

  it('keeps what a Service says of a Revision', () => {
    expect(
      deriveHealth(starting(), {
        service: service(
          condition(
            'Ready',
            'False',
            'RevisionFailed',
            'Revision "orders-00001" failed with message: Container failed with: .',
          ),
        ),
        revisions: [revision(condition('Ready', 'Unknown', 'Deploying'))],
      }).message,
    ).toBe('The module failed: the runner ended and said nothing.');
  });
});
