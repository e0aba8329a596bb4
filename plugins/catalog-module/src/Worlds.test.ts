import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  WasiError,
  type ModuleInspection,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ModuleRegistry } from '@wasi-functions/backstage-plugin-wasi-node';
import { toApi, toComponent } from './toComponent';
import { Worlds } from './Worlds';

const imageOf = (index: number) =>
  `localhost:5000/pay@sha256:${index.toString(16).padStart(64, '0')}`;
const signal = new AbortController().signal;

/** `pull` stands for the registry; what it writes is not looked at. */
function worldsOf(
  options: { entities?: Entity[]; now?: () => Date; world?: string } = {},
) {
  const { entities = [], now, world = 'world root {}' } = options;
  const pull = jest.fn<
    ReturnType<ModuleRegistry['pull']>,
    Parameters<ModuleRegistry['pull']>
  >(async () => ({} as never));
  const logger = mockServices.logger.mock();
  const worlds = new Worlds({
    registry: { pull },
    inspect: async () => ({ world } as ModuleInspection),
    maxBytes: 1_000,
    catalog: catalogServiceMock({ entities }),
    auth: mockServices.auth(),
    logger,
    now,
  });
  return { worlds, pull, logger };
}

describe('the worlds of images', () => {
  it('are read once, and nothing is left on the disk', async () => {
    const { worlds, pull } = worldsOf();

    await worlds.of([imageOf(1), imageOf(1)], signal);
    const known = await worlds.of([imageOf(1)], signal);

    expect([...known]).toEqual([[imageOf(1), 'world root {}']]);
    expect(pull).toHaveBeenCalledTimes(1);
    expect(pull.mock.calls[0][2].maxBytes).toBe(1_000);
    expect(existsSync(dirname(pull.mock.calls[0][1]))).toBe(false);
  });

  it('are found in the catalog after a restart', async () => {
    const component = toComponent(
      {
        ref: { cluster: 'prod', namespace: 'shop', name: 'pay' },
        metadata: {},
      },
      { owner: 'group:default/platform' },
    );
    const { worlds, pull } = worldsOf({
      entities: [
        toApi(component, { image: imageOf(1), world: 'world known {}' }),
      ],
    });

    expect([...(await worlds.of([imageOf(1)], signal))]).toEqual([
      [imageOf(1), 'world known {}'],
    ]);
    expect(pull).not.toHaveBeenCalled();
  });

  it('are not taken from an API that a user wrote', async () => {
    const { worlds, pull } = worldsOf({
      entities: [
        {
          apiVersion: 'backstage.io/v1alpha1',
          kind: 'API',
          metadata: {
            name: 'forged',
            annotations: { 'wasm.serving.knative.dev/image': imageOf(1) },
          },
          spec: { type: 'wit', definition: 'world forged {}' },
        },
      ],
    });

    await worlds.of([imageOf(1)], signal);

    expect(pull).toHaveBeenCalledTimes(1);
  });

  it('are read a few in a run', async () => {
    const { worlds, pull } = worldsOf();
    const images = Array.from({ length: 30 }, (_, index) => imageOf(index));

    expect((await worlds.of(images, signal)).size).toBe(20);
    expect((await worlds.of(images, signal)).size).toBe(30);
    expect(pull).toHaveBeenCalledTimes(30);
  });

  it('are none for an image by tag, or where the world is too long', async () => {
    const { worlds, pull } = worldsOf({ world: 'x'.repeat(100_001) });

    expect(
      (await worlds.of(['localhost:5000/pay:latest', imageOf(1)], signal)).size,
    ).toBe(0);
    expect(pull).toHaveBeenCalledTimes(1);
  });

  it('are asked for again an hour after the registry failed', async () => {
    let now = new Date('2026-11-21T12:00:00Z');
    const { worlds, pull, logger } = worldsOf({ now: () => now });
    pull.mockRejectedValueOnce(
      new WasiError('REGISTRY_UNREACHABLE', {
        message: 'localhost:5000 cannot be reached',
      }),
    );

    await worlds.of([imageOf(1)], signal);
    now = new Date('2026-11-21T12:59:00Z');
    expect((await worlds.of([imageOf(1)], signal)).size).toBe(0);
    now = new Date('2026-11-21T13:00:00Z');
    expect((await worlds.of([imageOf(1)], signal)).size).toBe(1);

    expect(pull).toHaveBeenCalledTimes(2);
    expect(logger.warn).toHaveBeenCalledWith(
      `The WIT world of ${imageOf(
        1,
      )} could not be read: localhost:5000 cannot be reached`,
    );
  });

  it('are not waited for once the run has ended', async () => {
    const { worlds, pull } = worldsOf();

    await expect(
      worlds.of([imageOf(1)], AbortSignal.abort(new Error('ended'))),
    ).rejects.toThrow('ended');
    expect(pull).not.toHaveBeenCalled();
  });
});
