import { FakeWasmModuleClient } from '@wasi-functions/backstage-plugin-wasi-node/testing';
import { describePostgres } from '../__testUtils__/databases';
import {
  ENTITY,
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

jest.setTimeout(60_000);

describePostgres('the history while the database is away', database => {
  let prod: FakeWasmModuleClient;
  let history: HistoryUnderTest;

  beforeEach(async () => {
    prod = new FakeWasmModuleClient('prod');
    history = await HistoryUnderTest.start({
      knex: database().open(),
      cluster: prod,
      time: new TestTime(),
      databaseTimeoutMs: 1_000,
    });
  });

  afterEach(async () => {
    await history.stop();
  });

  it('lets nothing be deployed that it could not record, and says so', async () => {
    await history.deploy(pay());
    await history.turn(generation(1));
    await database().postgres!.kill();
    try {
      await expect(
        history.deploy(pay({ image: image('b') })),
      ).rejects.toMatchObject({
        name: 'ServiceUnavailableError',
        code: 'HISTORY_UNAVAILABLE',
        message: expect.stringContaining('was not changed'),
      });
      await expect(
        history.parts.reader.list(ENTITY, { ref: {}, limit: 1 }),
      ).rejects.toMatchObject({ code: 'HISTORY_UNAVAILABLE' });
      await expect(history.parts.history.turn()).rejects.toThrow();
      expect((await prod.get(PAY)).metadata.generation).toBe(1);
    } finally {
      await database().postgres!.start();
    }
    await history.deploy(pay({ image: image('c') }));
    prod.setReady(PAY, 'http://pay');
    await history.turn(ready);

    expect((await history.told()).slice(0, 2)).toEqual([
      `update ${JANE} succeeded 2`,
      `create ${JANE} superseded 1`,
    ]);
  });

  it('loses nothing of a change that had begun before', async () => {
    const deployment = await history.parts.recorder.begin(
      history.startOf(pay()),
    );
    await database().postgres!.kill();
    try {
      await deployment.applied(await prod.apply(pay()));
      await expect(history.parts.history.turn()).rejects.toThrow();
    } finally {
      await database().postgres!.start();
    }
    prod.setReady(PAY, 'http://pay');
    await history.turn(ready);

    await expect(history.told()).resolves.toEqual([
      `create ${JANE} succeeded 1`,
    ]);
  });

  it('lets a module be deleted, and records it afterwards', async () => {
    const before = await history.deploy(pay());
    prod.setReady(PAY, 'http://pay');
    await history.turn(ready);
    await database().postgres!.kill();
    try {
      const deletion = await history.parts.recorder.begin(
        history.startOf(undefined, { action: 'delete', before }),
      );
      await prod.delete(PAY);
      await deletion.applied();
    } finally {
      await database().postgres!.start();
    }
    await history.turn(gone);

    await expect(history.told()).resolves.toEqual([
      `delete ${JANE} succeeded -`,
      `create ${JANE} succeeded 1`,
    ]);
  });

  it('has what others changed meanwhile', async () => {
    await history.deploy(pay());
    await history.turn(generation(1));
    await database().postgres!.kill();
    try {
      await prod.patch(PAY, { spec: { image: image('b') } });
      await expect(history.turn(generation(2))).rejects.toThrow();
    } finally {
      await database().postgres!.start();
    }
    await history.turn();

    expect(await history.told()).toHaveLength(2);
  });
});
