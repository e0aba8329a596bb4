// One backend in a process of its own: prints its port, then what it logs.
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { databaseServiceFactory } from '@backstage/backend-defaults/database';
import { schedulerServiceFactory } from '@backstage/backend-defaults/scheduler';
import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { startBackend, type ConfigData } from './startBackend';

/** What the file holds that the child is given. */
export interface ChildOptions {
  config: ConfigData;
  entities: Entity[];
}

async function main([file]: string[]): Promise<void> {
  const { config, entities } = JSON.parse(
    readFileSync(file, 'utf8'),
  ) as ChildOptions;
  const { server } = await startBackend({
    config,
    entities: () => entities,
    services: [
      databaseServiceFactory,
      schedulerServiceFactory,
      mockServices.rootLogger.factory({ level: 'info' }),
    ],
  });
  console.log(`PORT ${(server.address() as AddressInfo).port}`);
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exit(1);
});
