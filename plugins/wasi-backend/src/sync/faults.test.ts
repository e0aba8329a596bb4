import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { FakeWasmModuleClient } from '@wasi-functions/backstage-plugin-wasi-node/testing';
import {
  digestOf,
  entityOf,
  funcYaml,
  REPOSITORY,
  SyncUnderTest,
} from './__testUtils__/SyncUnderTest';

const ref = { cluster: 'eu-1', namespace: 'shop', name: 'pay' };
const FUNC_YAML = `${REPOSITORY}/func.yaml`;

describe('deploys from the catalog when something fails', () => {
  let test: SyncUnderTest;

  beforeEach(async () => {
    test = new SyncUnderTest();
    test.entities = [entityOf('pay'), entityOf('cart')];
    test.files.set(
      'https://github.com/acme/cart/blob/main/func.yaml',
      funcYaml('', 'cart'),
    );
    test.images.set('ghcr.io/acme/cart:latest', digestOf('cart'));
  });

  afterEach(() => test.stop());

  it('tells why, deploys the others, and waits longer after each failure', async () => {
    test.files.set(FUNC_YAML, '!the host is on fire');
    await test.start();
    await test.run();

    expect(await test.target()).toMatchObject({
      state: 'failed',
      code: 'SYNC_SOURCE_UNREADABLE',
      message: `${FUNC_YAML} could not be read: the host is on fire.`,
      remedy: expect.any(String),
      nextRunAt: '2026-11-21T12:00:30.000Z',
    });
    expect(test.writes).toEqual(['shop/cart']);
    expect(test.log).toContainEqual(
      expect.stringMatching(/^warn: .*pay to default: failed.*on fire/),
    );

    const tries: (string | undefined)[] = [];
    for (const seconds of [29, 1, 59, 1, 120, 240, 480, 600, 600]) {
      await test.runAfter(seconds);
      tries.push((await test.target()).nextRunAt?.slice(11, 19));
    }
    expect(tries).toEqual([
      '12:00:30',
      '12:01:30',
      '12:01:30',
      '12:03:30',
      '12:07:30',
      '12:15:30',
      '12:25:30',
      '12:35:30',
      '12:45:30',
    ]);

    test.files.set(FUNC_YAML, funcYaml());
    await test.runAfter(600);
    expect(test.writes).toEqual(['shop/cart', 'shop/pay']);
    expect((await test.target()).nextRunAt).toBeUndefined();
  });

  it('looks at a repaired func.yaml at once, whatever the back-off of the broken one', async () => {
    test.files.set(FUNC_YAML, 'name: pay');
    await test.start();
    await test.run();
    await test.runAfter(1);
    expect(await test.target()).toMatchObject({ state: 'failed' });

    test.files.set(FUNC_YAML, funcYaml());
    await test.runAfter(1);

    expect(test.writes).toEqual(['shop/cart', 'shop/pay']);
  });

  it('tries at once when somebody asks for it', async () => {
    test.images.delete('ghcr.io/acme/pay:latest');
    await test.start();
    await test.run();
    expect(await test.target()).toMatchObject({ code: 'REGISTRY_NOT_FOUND' });
    test.images.set('ghcr.io/acme/pay:latest', digestOf('one'));

    const run = jest.spyOn(test.scheduler, 'triggerTask');
    await test.started!.control.run(test.entity());
    await run.mock.results[0].value;

    expect(test.writes).toEqual(['shop/cart', 'shop/pay']);
  });

  it('takes up in the same run what is asked for during a run', async () => {
    await test.start();
    await test.run();
    const store = test.knex!;
    const stream = jest.spyOn(test.cluster, 'get');
    stream.mockImplementationOnce(async () => {
      await store('sync_entities').insert({
        entity: 'component:default/cart',
        requested_at: '2026-11-21T12:00:59Z',
      });
      throw new WasiError('CLUSTER_BUSY', { message: 'Later.' });
    });
    test.files.set(FUNC_YAML, funcYaml('run: { args: [a] }'));
    stream.mockClear();

    await test.runAfter(60);

    expect(stream.mock.calls.map(([{ name }]) => name)).toContain('cart');
    expect(
      await store('sync_entities').whereNotNull('requested_at').select(),
    ).toEqual([]);
  });

  it('asks a cluster that cannot be heard nothing, and deploys when it is back', async () => {
    test.cluster.down = new WasiError('CLUSTER_UNREACHABLE', {
      message: 'Cluster "eu-1" cannot be reached.',
    });
    await test.start();
    await test.run();

    expect(await test.target()).toMatchObject({
      state: 'failed',
      code: 'CLUSTER_UNREACHABLE',
    });
    expect(test.apply).not.toHaveBeenCalled();

    test.cluster.down = undefined;
    while (test.cache!.problems().length > 0) {
      await new Promise(setImmediate);
    }
    await test.runAfter(60);
    expect(test.writes.sort()).toEqual(['shop/cart', 'shop/pay']);
  });

  it('waits for a git host that is dead three times, not once for each entity', async () => {
    test.entities = Array.from({ length: 20 }, (_, index) => {
      test.files.set(
        `https://github.com/acme/f${index}/blob/main/func.yaml`,
        '!no answer',
      );
      return entityOf(`f${index}`);
    });
    test.sync = { enabled: true, concurrency: 1, allow: [{ targets: ['*'] }] };
    const reads = jest.spyOn(test.files, 'get');
    await test.start();
    await test.run();

    expect(reads).toHaveBeenCalledTimes(3);
    expect(await test.target('f19')).toMatchObject({
      state: 'failed',
      code: 'SYNC_SOURCE_UNREADABLE',
    });
  });

  it('keeps what somebody asked for until the catalog answers', async () => {
    await test.start();
    await test.run();
    test.files.set(FUNC_YAML, 'name: pay');
    await test.runAfter(1);
    await test.knex!('sync_entities').insert({
      entity: 'component:default/pay',
      requested_at: '2026-11-21T12:00:02Z',
    });
    test.catalogError = new Error('no catalog');
    await test.runAfter(1);
    expect(await test.knex!('sync_entities').select('requested_at')).toEqual([
      { requested_at: '2026-11-21T12:00:02Z' },
    ]);
  });

  it('keeps what is known and removes nothing while the catalog is down', async () => {
    test.sync = {
      enabled: true,
      allow: [{ targets: ['*'] }],
      onRemoval: 'delete',
      removalReads: 1,
    };
    await test.start();
    await test.run();
    test.catalogError = new Error('no catalog');

    for (let runs = 0; runs < 5; runs += 1) {
      await test.runAfter(60);
    }

    expect(await test.cluster.get(ref)).toBeDefined();
    expect(await test.target()).toMatchObject({ state: 'progressing' });
  });

  it('writes to a cluster only so often', async () => {
    test.sync = {
      enabled: true,
      writesPerSecond: 1000,
      allow: [{ targets: ['*'] }],
    };
    test.entities = Array.from({ length: 30 }, (_, index) => {
      const name = `f${index}`;
      test.files.set(
        `https://github.com/acme/${name}/blob/main/func.yaml`,
        funcYaml('', name),
      );
      test.images.set(`ghcr.io/acme/${name}:latest`, digestOf(name));
      return entityOf(name);
    });
    let most = 0;
    let current = 0;
    const apply = FakeWasmModuleClient.prototype.apply.bind(test.cluster);
    test.apply.mockImplementation(async (...args) => {
      current += 1;
      most = Math.max(most, current);
      const answer = await apply(...args);
      await new Promise(setImmediate);
      current -= 1;
      return answer;
    });
    await test.start();
    await test.run();

    expect(new Set(test.writes).size).toBe(30);
    expect(most).toBeLessThanOrEqual(4);
  });
});
