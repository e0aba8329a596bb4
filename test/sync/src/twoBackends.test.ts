import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
// eslint-disable-next-line @backstage/no-relative-monorepo-imports
import {
  findPostgres,
  startPostgres,
} from '../../../scripts/lib/startPostgres.mjs';
import { BackendProcess } from './BackendProcess';
import { Site } from './Site';

jest.setTimeout(180_000);

const NAMES = Array.from({ length: 16 }, (_, i) => `f${i}`);
const SLOWLY = 4;

const programs = findPostgres();
const describeWith = programs ? describe : describe.skip;

describeWith(
  'two backends in processes of their own on PostgreSQL (needs initdb and postgres)',
  () => {
    let site: Site;
    let postgres: Awaited<ReturnType<typeof startPostgres>>;
    let backends: BackendProcess[];

    beforeEach(async () => {
      backends = [];
      [site, postgres] = await Promise.all([
        Site.open(),
        startPostgres(programs!),
      ]);
    });

    afterEach(async () => {
      await Promise.all(backends.map(backend => backend.kill()));
      await Promise.all([site.close(), postgres.stop()]);
    });

    async function start(): Promise<void> {
      const file = join(site.directory, 'child.json');
      const schedule = { frequency: { seconds: 1 }, timeout: { minutes: 15 } };
      const { host, user } = postgres.createDatabase();
      await writeFile(
        file,
        JSON.stringify({
          entities: site.entities,
          config: site.config(
            { schedule, writesPerSecond: SLOWLY },
            {
              backend: {
                database: { client: 'pg', connection: { host, user } },
              },
            },
          ),
        }),
      );
      // Not at once: Backstage's scheduler does not wait for its own migrations.
      backends.push(await BackendProcess.start(file));
      backends.push(await BackendProcess.start(file));
    }

    const push = async (extra = '') => {
      for (const name of NAMES) {
        await site.pushFunction(
          name,
          `image: ${site.registry.host}/shop/pay\n${extra}`,
        );
      }
    };

    /** Names whose module has come so far. */
    const arrived = async (generation: number) => {
      const modules = await Promise.all(NAMES.map(name => site.module(name)));
      return modules.filter(
        module => (module?.metadata.generation ?? 0) >= generation,
      ).length;
    };

    const until = async (is: () => Promise<boolean>) => {
      while (!(await is())) {
        await new Promise(setImmediate);
      }
    };

    const get = async (name: string, path: string, { url } = backends[0]) => {
      const answer = await fetch(
        `${url}/api/wasi/v1/entities/component/default/${name}/${path}`,
      );
      return answer.json();
    };

    /** What was done to each module and has reached it, oldest first. */
    const made = (survivor: BackendProcess) =>
      Promise.all(
        NAMES.map(async name => {
          const { items } = await get(name, 'deployments', survivor);
          return items
            .filter(({ state }: { state: string }) => state !== 'failed')
            .map(({ action }: { action: string }) => action)
            .reverse();
        }),
      );

    it('deploy each change once, and one goes on where the other is killed', async () => {
      await site.pushImage('pay');
      NAMES.forEach(name => site.addEntity(name));
      await push();
      await start();
      const told = () =>
        backends.reduce((sum, { deploys }) => sum + deploys, 0);
      await until(
        async () =>
          (await arrived(1)) === NAMES.length && told() >= NAMES.length,
      );

      expect(await made(backends[0])).toEqual(NAMES.map(() => ['create']));
      // One leads, the other one leaves it to that.
      expect(backends.map(({ deploys }) => deploys).sort()).toEqual([
        0,
        NAMES.length,
      ]);

      const before = backends.map(({ deploys }) => deploys);
      await push('run: { args: [next] }\n');
      await until(async () => (await arrived(2)) >= 1 && told() > NAMES.length);
      const leader = backends.findIndex(
        ({ deploys }, i) => deploys > before[i],
      );
      await backends[leader].kill();
      const killedAt = await arrived(2);
      const survivor = backends[1 - leader];
      await until(async () => (await arrived(2)) === NAMES.length);
      await until(async () =>
        (
          await Promise.all(NAMES.map(name => get(name, 'sync', survivor)))
        ).every(({ targets }) => targets[0].state !== 'failed'),
      );

      expect(killedAt).toBeLessThan(NAMES.length);
      expect(survivor.deploys).toBeGreaterThan(0);
      expect(await made(survivor)).toEqual(
        NAMES.map(() => ['create', 'update']),
      );
      const modules = await Promise.all(NAMES.map(name => site.module(name)));
      expect(
        modules.map(module => [module?.metadata.generation, module?.spec.args]),
      ).toEqual(NAMES.map(() => [2, ['next']]));
    });
  },
);
