import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startGitHost } from '@wasi-functions/local-platform';
import knexFactory, { type Knex } from 'knex';
import {
  findPostgres,
  startPostgres,
} from '../../scripts/lib/startPostgres.mjs';
import { freePort, run } from '../bench/programs';
import { startCluster, type Cluster } from './startCluster';
import {
  startIdentityProvider,
  type IdentityProvider,
} from './startIdentityProvider';
import { startIngress } from './startIngress';
import { startRegistry } from './startRegistry';

const NOBODY = 65_534;
const ROLE = 'portal';

/** What a portal is deployed beside. */
export interface Surroundings {
  port: number;
  url: string;
  /** What app-config.production.yaml reads. */
  env: Record<string, string>;
  /** What none of the portal's answers and log lines may hold. */
  secrets: string[];
  cluster: Cluster;
  identityProvider: IdentityProvider;
  registryHost: string;
  /** The plugin's database, with all rights. */
  database(plugin: string): Knex;
  /** Databases of the portal's role. */
  databases(): Promise<string[]>;
  /** Connections of the portal's role. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

/** Starts PostgreSQL, a cluster, a registry, a git host, an OpenID provider and an ingress. */
export async function startSurroundings(
  directory: string,
): Promise<Surroundings> {
  const endings: (() => Promise<void>)[] = [];
  const folder = async (name: string) => {
    await mkdir(join(directory, name));
    return join(directory, name);
  };
  const close = async () => {
    for (const end of endings.reverse()) {
      await end();
    }
  };
  try {
    const postgresPort = await freePort();
    const postgres = await startPostgres(findPostgres()!, {
      port: postgresPort,
    });
    endings.push(() => postgres.stop());
    const administrator = postgres.createDatabase();
    const knexes = new Map<string, Knex>();
    endings.push(async () => {
      await Promise.all([...knexes.values()].map(knex => knex.destroy()));
    });
    const database = (name: string) => {
      if (!knexes.has(name)) {
        knexes.set(
          name,
          knexFactory({
            client: 'pg',
            connection: { ...administrator, database: name },
            pool: { min: 0, max: 2 },
          }),
        );
      }
      return knexes.get(name)!;
    };
    const secret = () => randomBytes(24).toString('hex');
    const password = secret();
    // What docs/production.md has an administrator do.
    await database('postgres').raw(
      `create role ${ROLE} login createdb password '${password}'`,
    );

    const cluster = await startCluster(await folder('cluster'));
    endings.push(() => cluster.close());
    const registry = await startRegistry(await folder('registry'));
    endings.push(() => registry.close());
    const git = {
      username: 'portal',
      password: secret(),
    };
    const gitHost = await startGitHost({
      directory: await folder('git'),
      port: 0,
      ...git,
    });
    endings.push(() => gitHost.close());
    const identityProvider = await startIdentityProvider();
    endings.push(() => identityProvider.close());
    const port = await freePort();
    const ingress = await startIngress(await folder('ingress'), port);
    endings.push(() => ingress.close());

    const authorities = join(directory, 'authorities.crt');
    await writeFile(
      authorities,
      [registry.caCertificate, ingress.caCertificate].join('\n'),
    );
    const organization = join(directory, 'organization.yaml');
    await writeFile(organization, ORGANIZATION);
    const writable = await folder('workspaces');
    if (process.getuid?.() === 0) {
      await chown(writable, NOBODY, NOBODY);
      await chown(directory, NOBODY, NOBODY);
    }
    const toolchains = await copyToolchain(await folder('toolchains'));
    const secrets = {
      POSTGRES_PASSWORD: password,
      AUTH_SESSION_SECRET: secret(),
      OIDC_CLIENT_SECRET: identityProvider.clientSecret,
      GITEA_PASSWORD: git.password,
      REGISTRY_PASSWORD: secret(),
      KUBERNETES_TOKEN: cluster.token,
      WASI_HISTORY_KEY: secret(),
    };
    return {
      port,
      url: ingress.url,
      env: {
        ...secrets,
        NODE_ENV: 'production',
        NODE_EXTRA_CA_CERTS: authorities,
        APP_BASE_URL: ingress.url,
        PORT: `${port}`,
        POSTGRES_HOST: '127.0.0.1',
        POSTGRES_PORT: `${postgresPort}`,
        POSTGRES_USER: ROLE,
        OIDC_METADATA_URL: identityProvider.metadataUrl,
        OIDC_CLIENT_ID: identityProvider.clientId,
        GITEA_HOST: new URL(gitHost.baseUrl).host,
        GITEA_URL: gitHost.baseUrl,
        GITEA_USERNAME: git.username,
        REGISTRY_HOST: registry.host,
        REGISTRY_USERNAME: 'portal',
        KUBERNETES_URL: cluster.server,
        KUBERNETES_CA_FILE: cluster.caFile,
        WORKSPACES_DIRECTORY: writable,
        ORGANIZATION_FILE: organization,
        WASI_TOOLCHAINS_DIRECTORY: toolchains,
      },
      secrets: Object.values(secrets),
      cluster,
      identityProvider,
      registryHost: registry.host,
      database: plugin => database(`backstage_plugin_${plugin}`),
      async databases() {
        const rows = await database('postgres')('pg_database as d')
          .join('pg_roles as r', 'r.oid', 'd.datdba')
          .where('r.rolname', ROLE)
          .orderBy('d.datname')
          .pluck('d.datname');
        return rows;
      },
      async connections() {
        const rows = await database('postgres')('pg_stat_activity').where({
          usename: ROLE,
        });
        return rows.length;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** jco, where the portal's own user can read it. */
async function copyToolchain(directory: string): Promise<string> {
  const installed = join(process.env.WASI_TOOLCHAINS_DIRECTORY!, 'jco');
  try {
    await run('cp', ['-al', installed, directory]);
  } catch {
    // Another disk.
    await run('cp', ['-a', installed, directory]);
  }
  await chmod(join(directory, 'jco'), 0o755);
  return directory;
}

const ORGANIZATION = `
apiVersion: backstage.io/v1alpha1
kind: User
metadata: { name: jane }
spec:
  profile: { displayName: Jane, email: jane@example.com }
  memberOf: [platform]
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: { name: platform }
spec: { type: team, children: [] }
`;
