import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  deriveHealth,
  parseWasmModule,
  type ModuleEvent,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { Answer } from '@wasi-functions/local-platform/testing';
import type { Capture } from './facts';

const CAPTURES = resolve(__dirname, '../captures');

const read = (name: string): Capture =>
  JSON.parse(readFileSync(join(CAPTURES, `${name}.json`), 'utf8'));

/** Events about other modules of the namespace are not asked for. */
function isAbout({ module }: Capture) {
  return ({ involvedObject: { kind, name } }: Answer): boolean =>
    kind !== 'WasmModule' || name === module?.metadata.name;
}

/** With all that the portal's backend follows beside the module. */
function healthOf(capture: Capture) {
  const { module, service, revisions = [] } = capture;
  const told = (capture.events ?? [])
    .filter(isAbout(capture))
    .map(({ involvedObject, order, ...event }: Answer) => ({
      order,
      event: {
        ...event,
        count: 1,
        ...(involvedObject.kind !== 'WasmModule' && { about: involvedObject }),
      } as ModuleEvent,
    }));
  return deriveHealth(parseWasmModule(module), {
    events: told.map(({ event }) => event),
    eventOrder: new Map(
      told.flatMap(({ event, order }) => (order ? [[event, order]] : [])),
    ),
    ...(service && {
      service: {
        generation: service.metadata.generation,
        observedGeneration: service.status.observedGeneration,
        conditions: service.status.conditions,
        latestCreatedRevision: service.status.latestCreatedRevisionName,
        latestReadyRevision: service.status.latestReadyRevisionName,
      },
    }),
    revisions: revisions.map(({ metadata, status }: Answer, index: number) => ({
      name: metadata.name,
      generation: index + 1,
      conditions: status.conditions,
    })),
  });
}

const expected: [name: string, state: string, code: string | undefined][] = [
  ['starting', 'progressing', 'MODULE_STARTING'],
  ['ready', 'ready', undefined],
  ['scaled-to-zero', 'idle', undefined],
  ['module-needs-login', 'failed', 'IMAGE_NOT_ANONYMOUS'],
  ['module-is-core', 'failed', 'MODULE_IS_CORE'],
  ['runner-ends-silently', 'failed', 'MODULE_REVISION_FAILED'],
  ['runner-out-of-memory', 'failed', 'MODULE_OUT_OF_MEMORY'],
  ['runner-image-not-pulled', 'failed', 'RUNNER_IMAGE_PULL_FAILED'],
  ['never-becomes-ready', 'failed', 'MODULE_REVISION_FAILED'],
  ['no-node-takes-it', 'failed', 'MODULE_UNSCHEDULABLE'],
  ['quota-used-up', 'failed', 'NAMESPACE_QUOTA_EXCEEDED'],
  ['update-starting', 'progressing', 'MODULE_STARTING'],
  ['update-failed', 'failed', 'MODULE_FAILED_TO_COMPILE'],
  ['updated', 'ready', undefined],
  ['refused-autoscaling-annotation', 'failed', 'AUTOSCALING_ANNOTATION'],
  ['refused-volume-claim', 'failed', 'VOLUME_KIND_DISABLED'],
  ['refused-host-path', 'failed', 'VOLUME_KIND_DISABLED'],
  ['refused-volume-not-mounted', 'failed', 'VOLUME_NOT_MOUNTED'],
  ['refused-mount-path', 'failed', 'MODULE_SERVICE_UNAVAILABLE'],
  ['refused-mount-twice', 'failed', 'MODULE_SERVICE_UNAVAILABLE'],
  ['refused-mount-field', 'failed', 'MODULE_SERVICE_UNAVAILABLE'],
  ['refused-volume-without-kind', 'failed', 'MODULE_SERVICE_UNAVAILABLE'],
  ['refused-reserved-path', 'failed', 'MODULE_SERVICE_UNAVAILABLE'],
  ['refused-value-from', 'failed', 'ENV_VALUE_FROM_UNSUPPORTED'],
  ['refused-mount-without-volume', 'failed', 'VOLUME_UNDEFINED'],
  ['refused-name', 'failed', 'MODULE_SERVICE_UNAVAILABLE'],
  ['refused-long-name', 'failed', 'MODULE_SERVICE_UNAVAILABLE'],
  ['refused-service-quota', 'failed', 'NAMESPACE_QUOTA_EXCEEDED'],
  ['refused-definition-of-services-missing', 'failed', 'KNATIVE_MISSING'],
  ['refused-rights-missing', 'failed', 'CLUSTER_FORBIDDEN'],
  ['request-above-limit', 'failed', 'MODULE_REVISION_FAILED'],
  ['still-refused-after-change', 'failed', 'ENV_VALUE_FROM_UNSUPPORTED'],
  ['update-refused', 'failed', 'VOLUME_NOT_MOUNTED'],
  ['service-of-another', 'ready', undefined],
  ['kubernetes-service-of-another', 'failed', 'MODULE_SERVICE_UNAVAILABLE'],
  ['all-of-the-spec', 'ready', undefined],
  ['tag', 'ready', undefined],
  ['image-of-no-form', 'ready', undefined],
  ['labels-changed', 'ready', undefined],
  ['insecure-registry', 'ready', undefined],
  ['insecure-registry-later', 'ready', undefined],
  ['insecure-registry-with-next-change', 'ready', undefined],
  ['autoscaling-annotation-later', 'ready', undefined],
  ['two-modules', 'ready', undefined],
  ['deleting-in-foreground', 'progressing', 'MODULE_DELETING'],
];
const hasFailed = (status: Answer) =>
  status?.conditions.some(
    ({ type, status: is }: Answer) => type === 'Ready' && is === 'False',
  );
/** Where there is no module to tell the health of. */
const WITHOUT_MODULE = /^(answer-.*|deleted)\.json$/;

describe('a module whose cluster says what Knative was heard to say', () => {
  it.each(expected)('%s is %s', (name, state, code) => {
    const { state: seen, code: why } = healthOf(read(name));
    expect({ state: seen, code: why }).toEqual({ state, code });
  });

  it.each(
    expected.filter(
      ([name, state]) =>
        state === 'failed' && hasFailed(read(name).service?.status),
    ),
  )(
    '%s is %s, whichever of its parts the Service repeats',
    (name, state, code) => {
      for (const part of ['ConfigurationsReady', 'RoutesReady']) {
        const capture = read(name);
        const { conditions } = capture.service.status;
        const told = conditions.find(({ type }: Answer) => type === part);
        const ready = conditions.find(({ type }: Answer) => type === 'Ready');
        if (told.status === 'False') {
          Object.assign(ready, { reason: told.reason, message: told.message });
        }
        expect(healthOf(capture)).toMatchObject({ state, code });
      }
    },
  );

  it.each(['refused-value-from', 'refused-mount-without-volume'])(
    '%s is told of the module alone, once its event is gone',
    name => {
      const capture = read(name);
      expect(healthOf({ ...capture, events: [] })).toMatchObject({
        state: 'failed',
        code: healthOf(capture).code,
      });
    },
  );

  it('is known for each capture', () => {
    expect(expected.map(([name]) => `${name}.json`).sort()).toEqual(
      readdirSync(CAPTURES)
        .filter(name => !WITHOUT_MODULE.test(name))
        .sort(),
    );
  });
});
