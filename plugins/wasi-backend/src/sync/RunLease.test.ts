import { describeDatabases } from '../__testUtils__/databases';
import { migrateDatabase } from '../database/migrateDatabase';
import { migrationsDirectory } from '../database/openDatabase';
import { RunLease } from './RunLease';

const never = new AbortController().signal;

describeDatabases('a run of deploys from the catalog', database => {
  let uptimeMs: number;
  let ran: string[];
  let asked: boolean;

  beforeEach(() => {
    uptimeMs = 0;
    ran = [];
    asked = false;
  });

  async function backend(
    name: string,
    options: { waits?: () => Promise<unknown> } = {},
  ) {
    const knex = database().open();
    await migrateDatabase(knex, { directory: migrationsDirectory });
    const lease = new RunLease({
      knex,
      uptimeMs: () => uptimeMs,
      beatMs: 3_000,
      wait: async ms => {
        uptimeMs += ms;
        await options.waits?.();
      },
    });
    return {
      knex,
      run: (work: (signal: AbortSignal) => Promise<void> = async () => {}) =>
        lease.run({
          isAsked: async () => asked,
          signal: never,
          work: async signal => {
            ran.push(name);
            await work(signal);
          },
        }),
    };
  }

  it('is made by one backend, though others have the same schedule', async () => {
    const [one, two] = [await backend('one'), await backend('two')];
    await two.run();
    ran = [];
    for (let turn = 0; turn < 3; turn += 1) {
      await one.run();
      await two.run();
    }

    expect(ran).toEqual(['one', 'one', 'one']);
  });

  it('is made by another one when that backend is gone', async () => {
    const [one, two] = [await backend('one'), await backend('two')];
    await two.run();
    await one.run();
    await two.run();
    ran = [];
    await two.run();
    await two.run();

    expect(ran).toEqual(['two', 'two']);
  });

  it('is made by the one that was asked, also where another one has just run', async () => {
    const [one, two] = [await backend('one'), await backend('two')];
    await two.run();
    await one.run();
    ran = [];
    asked = true;
    await two.run();

    expect(ran).toEqual(['two']);
  });

  it('is waited for, and not made twice', async () => {
    let end = () => {};
    const leader: { run?: Promise<void> } = {};
    const one = await backend('one');
    const two = await backend('two', {
      waits: async () => {
        end();
        await leader.run;
      },
    });
    await two.run();
    await one.run();
    ran = [];
    leader.run = one.run(
      () =>
        new Promise(resolve => {
          end = resolve;
        }),
    );
    while (ran.length === 0) {
      await new Promise(setImmediate);
    }
    await two.run();

    expect(ran).toEqual(['one']);
  });

  it('that was broken off by the death of its backend goes on in another one', async () => {
    const one = await backend('one');
    void one.run(() => new Promise(() => {}));
    while (ran.length === 0) {
      await new Promise(setImmediate);
    }
    const two = await backend('two');
    await two.run();

    expect(ran).toEqual(['one', 'two']);
    expect(uptimeMs).toBe(15_000);
  });

  it('is left to its backend as long as that tells that it lives', async () => {
    const one = await backend('one');
    let end = () => {};
    const first = one.run(
      () =>
        new Promise(resolve => {
          end = resolve;
        }),
    );
    while (ran.length === 0) {
      await new Promise(setImmediate);
    }
    let waits = 0;
    const two = await backend('two', {
      waits: async () => {
        waits += 1;
        if (waits < 50) {
          await one.knex('sync_runs').increment('beat', 1);
        } else {
          end();
          await first;
        }
      },
    });
    await two.run();

    expect(waits).toBe(50);
    expect(ran).toEqual(['one', 'two']);
  });

  it('ends where another backend has taken over', async () => {
    const knex = database().open();
    await migrateDatabase(knex, { directory: migrationsDirectory });
    const lease = new RunLease({
      knex,
      uptimeMs: () => uptimeMs,
      wait: async () => {},
      beatMs: 1,
    });

    await expect(
      lease.run({
        isAsked: async () => false,
        signal: never,
        work: async signal => {
          await knex('sync_runs').update({ backend: 'another' });
          await new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
          });
        },
      }),
    ).rejects.toThrow('Another backend has taken over.');
    await expect(knex('sync_runs').first()).resolves.toMatchObject({
      backend: 'another',
      runs: 0,
    });
  });

  it('that fails is no whole run, so that another backend makes it', async () => {
    const [one, two] = [await backend('one'), await backend('two')];
    await two.run();
    await one.run();
    await two.run();
    ran = [];
    await expect(
      one.run(async () => {
        throw new Error('The catalog is down.');
      }),
    ).rejects.toThrow('The catalog is down.');
    await two.run();

    expect(ran).toEqual(['one', 'two']);
  });
});
