import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { deriveHealth } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Answer } from '@wasi-functions/local-platform/testing';
import type { Capture } from './capture';
import { toldByController } from './toldByController';

const CAPTURES = resolve(__dirname, '../captures');

const read = (name: string): Capture =>
  JSON.parse(readFileSync(join(CAPTURES, `${name}.json`), 'utf8'));

/** With all that the portal's backend follows beside the module. */
function healthOf(capture: Capture) {
  const { module, events } = toldByController(capture);
  const { service, revisions = [] } = capture;
  return deriveHealth(module, {
    events: [
      ...(events ?? []),
      ...(capture.events ?? []).map(({ involvedObject, ...event }: Answer) => ({
        ...event,
        count: 1,
        about: involvedObject,
      })),
    ],
    ...(service && {
      service: {
        generation: service.metadata.generation,
        observedGeneration: service.status.observedGeneration,
        conditions: service.status.conditions,
        latestCreatedRevision: service.status.latestCreatedRevisionName,
        latestReadyRevision: service.status.latestReadyRevisionName,
      },
    }),
    revisions: revisions.map(({ metadata, status }: Answer, index) => ({
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
];

describe('a module whose cluster says what Knative was heard to say', () => {
  it.each(expected)('%s is %s', (name, state, code) => {
    const { state: seen, code: why } = healthOf(read(name));
    expect({ state: seen, code: why }).toEqual({ state, code });
  });

  it.each(
    expected.filter(
      ([name, state]) => state === 'failed' && !name.startsWith('refused'),
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

  it('is known for each capture', () => {
    expect(expected.map(([name]) => `${name}.json`).sort()).toEqual(
      readdirSync(CAPTURES).sort(),
    );
  });
});
