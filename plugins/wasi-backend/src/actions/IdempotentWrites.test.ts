import { mockServices } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { describeDatabases } from '../__testUtils__/databases';
import { migrationsDirectory } from '../database/openDatabase';
import { IdempotentWrites } from './IdempotentWrites';

const write = {
  caller: 'user:default/jane',
  action: 'apply-module',
  key: 'one-change',
  input: { image: 'a' },
};
const START = Date.parse('2026-11-21T12:00:00Z');

describeDatabases('a write with an idempotency key', database => {
  let knex: Knex;
  let now: Date;

  beforeEach(async () => {
    knex = database().open();
    await knex.migrate.latest({ directory: migrationsDirectory });
    now = new Date(START);
  });

  /** As another backend on the same database has them. */
  function backend(): IdempotentWrites {
    return new IdempotentWrites({
      knex,
      logger: mockServices.logger.mock(),
      now: () => now,
    });
  }

  it('is done once, and answers the same later and from another backend', async () => {
    const work = jest.fn(async () => ({ generation: 1 }));
    const one = backend();

    const answers = [
      await one.once(write, work),
      await one.once(write, work),
      await backend().once(write, work),
    ];

    expect(answers).toEqual(Array(3).fill({ generation: 1 }));
    expect(work).toHaveBeenCalledTimes(1);
    expect(await one.isDone(write)).toBe(true);
  });

  it('is done once where it is repeated while it is under way', async () => {
    let finish!: (answer: object) => void;
    let begun!: () => void;
    const started = new Promise<void>(resolve => (begun = resolve));
    const work = jest.fn(() => {
      begun();
      return new Promise<object>(resolve => (finish = resolve));
    });
    const one = backend();
    const first = one.once(write, work);
    const second = one.once(write, work);
    await started;

    expect(await one.isDone(write)).toBe(false);
    await expect(backend().once(write, work)).rejects.toMatchObject({
      code: 'WRITE_UNDER_WAY',
    });
    finish({ generation: 1 });
    await expect(Promise.all([first, second])).resolves.toEqual([
      { generation: 1 },
      { generation: 1 },
    ]);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('can be tried again where it failed', async () => {
    const one = backend();
    await expect(
      one.once(write, async () => {
        throw new Error('refused');
      }),
    ).rejects.toThrow('refused');

    await expect(one.once(write, async () => ({ ok: 1 }))).resolves.toEqual({
      ok: 1,
    });
  });

  it('is taken over where its backend has ended, by one of several', async () => {
    let begun!: () => void;
    const started = new Promise<void>(resolve => (begun = resolve));
    void backend().once(write, () => {
      begun();
      return new Promise<object>(() => {});
    });
    await started;
    const work = jest.fn(async () => ({ ok: 1 }));

    now = new Date(START + 119_000);
    await expect(backend().once(write, work)).rejects.toMatchObject({
      code: 'WRITE_UNDER_WAY',
    });
    now = new Date(START + 121_000);
    const answers = await Promise.allSettled([
      backend().once(write, work),
      backend().once(write, work),
    ]);

    expect(work).toHaveBeenCalledTimes(1);
    expect(
      answers.filter(({ status }) => status === 'fulfilled').length,
    ).toBeGreaterThanOrEqual(1);
  });

  it('is refused where the key was used for another input', async () => {
    const one = backend();
    await one.once(write, async () => ({}));
    const work = jest.fn(async () => ({}));

    await expect(
      one.once({ ...write, input: { image: 'b' } }, work),
    ).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(work).not.toHaveBeenCalled();
  });

  it.each([
    { caller: 'user:default/mallory' },
    { action: 'delete-module' },
    { key: 'another-change' },
  ])('has nothing to do with one of %j', async other => {
    const one = backend();
    await one.once(write, async () => ({ secret: 1 }));

    await expect(
      one.once({ ...write, ...other }, async () => ({ own: 1 })),
    ).resolves.toEqual({ own: 1 });
  });

  it('is forgotten after a day', async () => {
    await backend().once(write, async () => ({ first: 1 }));
    now = new Date(START + 25 * 60 * 60_000);

    await expect(
      backend().once(write, async () => ({ second: 1 })),
    ).resolves.toEqual({ second: 1 });
  });

  it('is not begun where the database is gone', async () => {
    await knex.destroy();
    const work = jest.fn(async () => ({}));

    await expect(backend().once(write, work)).rejects.toMatchObject({
      code: 'HISTORY_UNAVAILABLE',
    });
    expect(work).not.toHaveBeenCalled();
  });
});
