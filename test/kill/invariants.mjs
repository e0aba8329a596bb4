import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { waitForEnd } from './processes.mjs';
import { call } from './templateRun.mjs';

// Longer than the catalog leaves alone what it had begun to process when it was killed (150 s).
const SETTLE_MS = 240_000;

/** What is not as it should be after a run: one of each thing, and the function answers. */
export async function checkRun(portal, { faults = [], name }) {
  const { git, registry } = portal.platform;
  const found = [...faults];
  const expect = (what, actual, expected) => {
    if (JSON.stringify(actual) !== JSON.stringify(expected)) {
      found.push(
        `${what} of ${name}: ${JSON.stringify(actual)}, not ${JSON.stringify(
          expected,
        )}`,
      );
    }
  };

  const commits = await json(
    `${git.baseUrl}/api/v1/repos/functions/${name}/commits?sha=main`,
  );
  expect('commits', commits?.length, 1);

  const entityRef = `component:default/${name}`;
  const modules = (await modulesOf(portal)).filter(
    module =>
      module.metadata.annotations?.['backstage.io/entity-ref'] === entityRef,
  );
  expect(
    'modules',
    modules.map(module => [
      module.metadata.name,
      module.status?.conditions?.find(({ type }) => type === 'Ready')?.status,
    ]),
    [[name, 'True']],
  );
  const [repository, digest] = (modules[0]?.spec.image ?? '@').split('@');
  const { host } = registry;
  expect('repository', repository, `${host}/functions/${name}`);
  const base = `http://${host}/v2/functions/${name}`;
  const tags = await json(`${base}/tags/list`);
  expect('tags', tags?.tags, ['latest']);
  const tagged = await fetch(`${base}/manifests/latest`, { headers: MANIFEST });
  expect('tagged digest', tagged.headers.get('docker-content-digest'), digest);
  const manifest = tagged.ok ? await tagged.json() : { layers: [] };
  for (const layer of manifest.layers) {
    const blob = await fetch(`${base}/blobs/${layer.digest}`);
    expect('layer', (await blob.arrayBuffer()).byteLength, layer.size);
  }
  const attached = await json(`${base}/referrers/${digest}`);
  expect(
    'attached',
    attached?.manifests.map(({ artifactType }) => artifactType).sort(),
    ['application/vnd.cyclonedx+json', 'application/vnd.in-toto+json'],
  );
  const url = modules[0]?.status?.address?.url;
  expect('answer', url && (await fetch(url)).status, 200);

  const locations = await call(portal, 'GET', 'catalog/locations');
  expect(
    'locations',
    locations.filter(({ data }) => data.target.includes(`/functions/${name}/`))
      .length,
    1,
  );
  expect('entity', await entityName(portal, name), name);
  return found;
}

/** What was left behind after the portal was stopped. */
export async function checkClean(portal) {
  const left = [
    ...(await waitForEnd(portal.orphans())).map(text => `process ${text}`),
    ...['platform.json', 'platform.lock', 'start.json']
      .map(name => join(portal.directory, name))
      .concat(portal.temporary)
      .filter(path => existsSync(path)),
    ...listFiles(join(portal.directory, 'workspaces')),
    ...listFiles(portal.directory).filter(path =>
      /\.new(\/|$)|\/uploads?\/./.test(path),
    ),
  ];
  return left.map(what => `left behind: ${what}`);
}

const MANIFEST = { accept: 'application/vnd.oci.image.manifest.v1+json' };

/** The catalog reads a new location in its own time. */
async function entityName(portal, name) {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    const entity = await call(
      portal,
      'GET',
      `catalog/entities/by-name/component/default/${name}`,
    );
    if (entity.metadata || Date.now() > deadline) {
      return entity.metadata?.name;
    }
    await new Promise(resolve => setTimeout(resolve, 500));
  }
}

async function modulesOf(portal) {
  const { caFile, server, tokenFile } = portal.platform.kubernetes;
  const text = await new Promise((resolve, reject) => {
    request(
      `${server}/apis/wasm.serving.knative.dev/v1alpha1/wasmmodules`,
      {
        ca: readFileSync(caFile),
        headers: {
          authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`,
        },
      },
      answer => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', chunk => {
          body += chunk;
        });
        answer.on('end', () => resolve(body));
      },
    )
      .on('error', reject)
      .end();
  });
  return JSON.parse(text).items;
}

async function json(url) {
  const answer = await fetch(url);
  return answer.ok ? answer.json() : undefined;
}

function listFiles(directory) {
  return existsSync(directory)
    ? readdirSync(directory, { recursive: true }).map(name =>
        join(directory, name),
      )
    : [];
}
