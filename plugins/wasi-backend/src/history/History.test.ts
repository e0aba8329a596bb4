import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { FakeWasmModuleClient } from '@wasi-functions/backstage-plugin-wasi-node/testing';
import {
  describeDatabases,
  type TestDatabase,
} from '../__testUtils__/databases';
import {
  generation,
  gone,
  HistoryUnderTest,
  image,
  PAY,
  pay,
  ready,
  TestTime,
} from './__testUtils__/HistoryUnderTest';

const JANE = 'portal user:default/jane';
const ARGO = [
  {
    manager: 'argocd-controller',
    operation: 'Apply',
    time: '2026-01-01T00:00:30Z',
  },
];

describeDatabases('the history', database => {
  let prod: FakeWasmModuleClient;
  let time: TestTime;
  let started: HistoryUnderTest[];

  async function backend(
    on: TestDatabase = database(),
  ): Promise<HistoryUnderTest> {
    const history = await HistoryUnderTest.start({
      knex: on.open(),
      cluster: prod,
      time,
    });
    started.push(history);
    return history;
  }

  beforeEach(() => {
    prod = new FakeWasmModuleClient('prod');
    time = new TestTime();
    started = [];
  });

  afterEach(async () => {
    await Promise.all(started.map(history => history.stop()));
  });

  describe('of what the portal deploys', () => {
    it('has it running at once, and succeeded when it is ready', async () => {
      const history = await backend();
      await history.deploy(pay());
      await history.turn(generation(1));
      await expect(history.told()).resolves.toEqual([
        `create ${JANE} running 1`,
      ]);

      prod.setReady(PAY, 'http://pay');
      await history.turn(ready);

      await expect(history.told()).resolves.toEqual([
        `create ${JANE} succeeded 1`,
      ]);
    });

    it('is not taken for ready by the status of the version before', async () => {
      const history = await backend();
      await history.deploy(pay());
      prod.setReady(PAY, 'http://pay');
      await history.turn(ready);
      await history.deploy(pay({ image: image('b') }));
      await history.turn(generation(2));

      await expect(history.told()).resolves.toEqual([
        `update ${JANE} running 2`,
        `create ${JANE} succeeded 1`,
      ]);
    });

    it('has why it failed', async () => {
      const history = await backend();
      await history.deploy(pay());
      prod.setStatus(PAY, {
        observedGeneration: 1,
        conditions: [
          {
            type: 'Ready',
            status: 'False',
            reason: 'RevisionFailed',
            message: 'exit code 137: OOMKilled',
          },
        ],
      });
      await history.turn(module => module?.status !== undefined);

      const told = await history.told();
      expect(told).toHaveLength(1);
      expect(told[0]).toMatch(/^create .* failed 1 MODULE_/);
    });

    it('has what was replaced before it was ready as superseded', async () => {
      const history = await backend();
      await history.deploy(pay());
      await history.deploy(pay({ image: image('b') }));
      await history.turn(generation(2));

      await expect(history.told()).resolves.toEqual([
        `update ${JANE} running 2`,
        `create ${JANE} superseded 1`,
      ]);
    });

    it('has what the cluster refused, and why', async () => {
      const history = await backend();
      prod.conflictOnApply = new WasiError('FIELD_MANAGER_CONFLICT', {
        message: 'Argo CD owns it.',
      });
      await expect(history.deploy(pay())).rejects.toMatchObject({
        code: 'FIELD_MANAGER_CONFLICT',
      });

      await expect(history.told()).resolves.toEqual([
        `create ${JANE} failed - FIELD_MANAGER_CONFLICT`,
      ]);
    });

    it('has a deletion, once, as succeeded when the module is gone', async () => {
      const history = await backend();
      const before = await history.deploy(pay());
      prod.setReady(PAY, 'http://pay');
      await history.turn(ready);
      const deletion = await history.parts.recorder.begin(
        history.startOf(undefined, { action: 'delete', before }),
      );
      await prod.delete(PAY);
      await deletion.applied();
      await history.turn(gone);

      await expect(history.told()).resolves.toEqual([
        `delete ${JANE} succeeded -`,
        `create ${JANE} succeeded 1`,
      ]);
    });

    it('does not wait for ever for a cluster that does not tell', async () => {
      const history = await backend();
      await history.deploy(pay());
      await history.turn(generation(1));
      time.pass(31 * 60);
      await history.turn();

      await expect(history.told()).resolves.toEqual([
        `create ${JANE} unknown 1 DEPLOYMENT_OUTCOME_UNKNOWN`,
      ]);
    });
  });

  describe('of what others deploy', () => {
    it('names who did it, and does not repeat it', async () => {
      const history = await backend();
      await history.deploy(pay());
      await history.turn(generation(1));
      time.pass(60);
      await prod.patch(PAY, {
        metadata: { managedFields: ARGO },
        spec: { image: image('b') },
      });
      await history.turn(generation(2));
      await history.turn();

      await expect(history.told()).resolves.toEqual([
        'update cluster argocd-controller running 2',
        `create ${JANE} superseded 1`,
      ]);
    });

    it('has what happened while no backend ran', async () => {
      const first = await backend();
      await first.deploy(pay());
      await first.turn(generation(1));
      await first.stop();
      time.pass(60);
      await prod.patch(PAY, {
        metadata: { managedFields: ARGO },
        spec: { image: image('b') },
      });
      const second = await backend();
      await second.turn();
      await second.stop();
      time.pass(60);
      await prod.delete(PAY);
      const third = await backend();
      await third.turn();

      await expect(third.told()).resolves.toEqual([
        'delete cluster unknown succeeded -',
        'update cluster argocd-controller superseded 2',
        `create ${JANE} superseded 1`,
      ]);
    });

    it('has it once, however many backends see it', async () => {
      const [one, two] = [await backend(), await backend()];
      await prod.create({
        ...pay(),
        metadata: { ...pay().metadata, managedFields: ARGO },
      });
      await Promise.all([one.turn(generation(1)), two.turn(generation(1))]);
      prod.setReady(PAY, 'http://pay');
      await Promise.all([one.turn(ready), two.turn(ready)]);
      time.pass(60);
      await prod.delete(PAY);
      await Promise.all([one.turn(gone), two.turn(gone)]);

      await expect(one.told()).resolves.toEqual([
        'delete cluster unknown succeeded -',
        'create cluster argocd-controller succeeded 1',
      ]);
    });

    it('tells changes apart that come between two looks, each with its author', async () => {
      const history = await backend();
      await history.deploy(pay());
      await history.turn(generation(1));
      time.pass(60);
      for (const [i, manager] of [
        'kubectl-edit',
        'argocd-controller',
      ].entries()) {
        await prod.patch(PAY, {
          metadata: {
            managedFields: [
              { manager, operation: 'Update', time: '2026-01-01T00:00:30Z' },
            ],
          },
          spec: { image: image(`${i}`) },
        });
        await history.heard(generation(2 + i));
      }
      const before = await history.deploy(pay({ image: image('c') }));
      expect(before.metadata.generation).toBe(4);
      time.pass(60);
      await prod.patch(PAY, {
        metadata: {
          managedFields: [{ ...ARGO[0], time: '2026-01-01T00:02:00Z' }],
        },
        spec: { image: image('d') },
      });
      await history.turn(generation(5));
      await history.turn();

      await expect(history.told()).resolves.toEqual([
        'update cluster argocd-controller running 5',
        `update ${JANE} superseded 4`,
        'update cluster argocd-controller superseded 3',
        'update cluster kubectl-edit superseded 2',
        `create ${JANE} superseded 1`,
      ]);
    });

    it('leaves out modules that belong to no entity', async () => {
      const history = await backend();
      const { annotations, ...metadata } = pay().metadata;
      await prod.create({ ...pay(), metadata });
      await history.turn(generation(1));

      await expect(history.told()).resolves.toEqual([]);
    });

    it('does not take what the portal has on its way for a change of others', async () => {
      const [one, two] = [await backend(), await backend()];
      const deployment = await one.parts.recorder.begin(one.startOf(pay()));
      const written = await prod.apply(pay());
      await Promise.all([one.turn(generation(1)), two.turn(generation(1))]);
      await deployment.applied(written);
      await Promise.all([one.turn(), two.turn()]);

      await expect(one.told()).resolves.toEqual([`create ${JANE} running 1`]);
    });
  });

  describe('of a backend that dies', () => {
    /** Long enough that another backend knows that it is dead. */
    async function untilLeft(history: HistoryUnderTest) {
      await history.turn();
      time.pass(31);
      await history.turn();
    }

    it('before the change reached the cluster: failed', async () => {
      const dead = await backend();
      await dead.parts.recorder.begin(dead.startOf(pay()));
      const next = await backend();
      await next.turn();
      await expect(next.told()).resolves.toEqual([`create ${JANE} running -`]);
      await untilLeft(next);

      await expect(next.told()).resolves.toEqual([
        `create ${JANE} failed - DEPLOYMENT_INTERRUPTED`,
      ]);
    });

    it('after it: deployed, and not as a change of others', async () => {
      const dead = await backend();
      await dead.parts.recorder.begin(dead.startOf(pay()));
      await prod.apply(pay());
      const next = await backend();
      await untilLeft(next);
      prod.setReady(PAY, 'http://pay');
      await next.turn(ready);

      await expect(next.told()).resolves.toEqual([
        `create ${JANE} succeeded 1`,
      ]);
    });

    it('in a deletion: gone, or still there', async () => {
      const dead = await backend();
      const before = await dead.deploy(pay());
      await dead.parts.recorder.begin(
        dead.startOf(undefined, { action: 'delete', before }),
      );
      const next = await backend();
      await untilLeft(next);
      await expect(next.told()).resolves.toEqual([
        `delete ${JANE} failed - DEPLOYMENT_INTERRUPTED`,
        `create ${JANE} running 1`,
      ]);

      await dead.parts.recorder.begin(
        dead.startOf(undefined, { action: 'delete', before }),
      );
      await prod.delete(PAY);
      await untilLeft(next);
      await next.turn(gone);

      expect((await next.told())[0]).toBe(`delete ${JANE} succeeded -`);
    });

    it('and of a module that was changed since: not known', async () => {
      const dead = await backend();
      const before = await dead.deploy(pay());
      await dead.parts.recorder.begin(
        dead.startOf(pay({ image: image('b') }), { before }),
      );
      time.pass(60);
      await prod.patch(PAY, {
        metadata: { managedFields: ARGO },
        spec: { image: image('c') },
      });
      const next = await backend();
      await untilLeft(next);
      await next.turn();

      await expect(next.told()).resolves.toEqual([
        'update cluster argocd-controller running 2',
        `update ${JANE} unknown - DEPLOYMENT_OUTCOME_UNKNOWN`,
        `create ${JANE} superseded 1`,
      ]);
    });

    it('is taken over by one of two', async () => {
      const dead = await backend();
      await dead.parts.recorder.begin(dead.startOf(pay()));
      await prod.apply(pay());
      const [one, two] = [await backend(), await backend()];
      await Promise.all([one.turn(), two.turn()]);
      time.pass(31);
      await Promise.all([one.turn(), two.turn()]);
      prod.setReady(PAY, 'http://pay');
      await Promise.all([one.turn(ready), two.turn(ready)]);

      await expect(one.told()).resolves.toEqual([`create ${JANE} succeeded 1`]);
    });

    it('is not believed dead as long as it tells that it lives', async () => {
      const slow = await backend();
      const deployment = await slow.parts.recorder.begin(slow.startOf(pay()));
      const other = await backend();
      for (let i = 0; i < 10; i++) {
        await slow.turn();
        await other.turn();
        time.pass(10);
      }
      await expect(other.told()).resolves.toEqual([`create ${JANE} running -`]);
      await deployment.applied(await prod.apply(pay()));

      await expect(other.told()).resolves.toEqual([`create ${JANE} running 1`]);
    });

    it('and was believed dead: what it deployed counts', async () => {
      const slow = await backend();
      const deployment = await slow.parts.recorder.begin(slow.startOf(pay()));
      await untilLeft(await backend());
      await deployment.applied(await prod.apply(pay()));
      prod.setReady(PAY, 'http://pay');
      await slow.turn(ready);

      await expect(slow.told()).resolves.toEqual([
        `create ${JANE} succeeded 1`,
      ]);
    });
  });

  it('asks the cluster when it broke off without an answer', async () => {
    const history = await backend();
    const start = history.startOf(pay());
    const deployment = await history.parts.recorder.begin(start);
    await prod.apply(pay());
    await deployment.failed(
      new WasiError('CLUSTER_UNREACHABLE', { message: 'The line was cut.' }),
    );
    await history.turn(generation(1));
    prod.setReady(PAY, 'http://pay');
    await history.turn(ready);
    await expect(history.told()).resolves.toEqual([
      `create ${JANE} succeeded 1`,
    ]);
  });

  it('lets one of two backends that deploy the same at once win each', async () => {
    const [one, two] = [await backend(), await backend()];
    await Promise.all([
      one.deploy(pay()),
      two.deploy(pay({ image: image('b') }), { before: undefined }),
    ]);
    await Promise.all([one.turn(generation(2)), two.turn(generation(2))]);
    prod.setReady(PAY, 'http://pay');
    await Promise.all([one.turn(ready), two.turn(ready)]);

    expect(
      (await one.told()).map(line => line.split(' ').slice(3, 5).join(' ')),
    ).toEqual(expect.arrayContaining(['succeeded 2', 'superseded 1']));
    expect(await one.told()).toHaveLength(2);
  });
});
