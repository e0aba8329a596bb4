import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { databaseServiceFactory } from '@backstage/backend-defaults/database';
import { schedulerServiceFactory } from '@backstage/backend-defaults/scheduler';
import { Site } from './Site';

jest.setTimeout(120_000);

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];

describe('two backends on one database', () => {
  let site: Site;

  beforeEach(async () => {
    site = await Site.open();
  });

  afterEach(() => site.close());

  it('deploy each change once, and know the same', async () => {
    const image = await site.pushImage('pay');
    for (const name of NAMES) {
      site.addEntity(name);
      await site.pushFunction(name, `image: ${site.registry.host}/shop/pay\n`);
    }
    const directory = join(site.directory, 'database');
    await mkdir(directory);
    const services = [databaseServiceFactory, schedulerServiceFactory];
    const database = { client: 'better-sqlite3', connection: { directory } };
    const schedule = { frequency: { seconds: 1 }, timeout: { minutes: 1 } };
    const start = () =>
      site.start({ schedule }, services, { backend: { database } });
    // Not at once: Backstage's scheduler does not wait for its own migrations.
    const [first, second] = [await start(), await start()];

    const synced = async (backend = first) =>
      Promise.all(
        NAMES.map(
          async name =>
            (await site.wasi('get', name, 'sync', backend)).targets[0].state,
        ),
      );
    while ((await synced()).includes('unknown')) {
      await new Promise(setImmediate);
    }
    await site.wasi('post', 'a', 'sync/suspend', second);
    for (const name of NAMES) {
      await site.pushFunction(
        name,
        `image: ${site.registry.host}/shop/pay\nrun: { args: [x] }\n`,
      );
    }
    await Promise.all(
      NAMES.flatMap(name => [
        site.wasi('post', name, 'sync/run', first),
        site.wasi('post', name, 'sync/run', second),
      ]),
    );
    for (const name of NAMES.slice(1)) {
      while (!(await site.module(name))?.spec.args) {
        await new Promise(setImmediate);
      }
    }

    const deployments = await Promise.all(
      NAMES.map(async name =>
        (
          await site.wasi('get', name, 'deployments', second)
        ).items.map(({ action }: { action: string }) => action),
      ),
    );
    expect(deployments).toEqual([
      ['create'],
      ...NAMES.slice(1).map(() => ['update', 'create']),
    ]);
    expect(await synced(second)).toEqual(await synced(first));
    expect(
      (await site.wasi('get', 'a', 'sync', first)).suspended,
    ).toBeDefined();
    expect((await site.module('a'))!.spec.image).toContain(image);
    expect((await site.module('a'))!.metadata.generation).toBe(1);
  });
});
