import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isWasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { parse } from 'yaml';
import { actionContexts } from '../__testUtils__/actionContext';
import {
  actionsOverFakes,
  type Input,
} from '../__testUtils__/actionsOverFakes';
import { FakeGitea } from '../__testUtils__/FakeGitea';
import { hostileTexts } from '../__testUtils__/hostileTexts';
import { EMPTY_COMPONENT, HTTP_COMPONENT } from '../__testUtils__/modules';

jest.setTimeout(60_000);

const TEMPLATE = pathToFileURL(
  resolve(__dirname, '../../../../templates/wasi-function/template.yaml'),
).href;
const FUNC_YAML = `specVersion: 0.36.0
name: hello
runtime: prebuilt-wasi
registry: registry.example.com/functions
run:
  envs:
    - name: GREETING
      value: '{{ env:GREETING }}'
`;

type World = ReturnType<typeof actionsOverFakes>;
type Outcome = World & {
  workspacePath: string;
  outputs: Record<string, unknown>;
};

let gitea: FakeGitea;

const read = (outcome: Outcome, file: string) =>
  readFile(join(outcome.workspacePath, file), 'utf8');
const annotation =
  (name: string) =>
  ({ registry }: Outcome) =>
    registry.pushes[0].annotations[name];

const containerOf = ({ workloads }: Outcome): Record<string, any> =>
  workloads[0].objects
    .map(object => object as Record<string, any>)
    .find(({ kind }) => kind === 'Deployment')!.spec.template.spec
    .containers[0];

/**
 * Each string that an action takes, and where it is to be found again, as it
 * was, if it is not refused. `never`: nothing of the list may pass.
 */
const inputs: {
  action: keyof World['actions'];
  field: string;
  put: (value: string) => Input;
  files?: Record<string, string | Uint8Array>;
  carried: 'never' | ((outcome: Outcome) => unknown);
}[] = [
  ...['name', 'runtime', 'namespace', 'skeleton'].map(field => ({
    action: 'init' as const,
    field,
    put: (value: string) => ({ [field]: value }),
    carried: 'never' as const,
  })),
  {
    action: 'init',
    field: 'registry',
    put: value => ({ registry: value }),
    carried: async outcome => parse(await read(outcome, 'func.yaml')).registry,
  },
  {
    action: 'init',
    field: 'owner',
    put: value => ({ owner: value }),
    carried: async outcome =>
      parse(await read(outcome, 'catalog-info.yaml')).spec.owner,
  },
  {
    action: 'init',
    field: 'description',
    put: value => ({ description: value }),
    carried: async outcome =>
      parse(await read(outcome, 'catalog-info.yaml')).metadata.description,
  },
  {
    action: 'init',
    field: 'env[].name',
    put: value => ({ env: [{ name: value, value: 'x' }] }),
    carried: async outcome =>
      parse(await read(outcome, 'func.yaml')).run.envs[0].name,
  },
  {
    action: 'init',
    field: 'env[].value',
    put: value => ({ env: [{ name: 'A', value }] }),
    carried: async outcome =>
      parse(await read(outcome, 'func.yaml')).run.envs[0].value,
  },
  {
    action: 'init',
    field: 'network.tcp.connect[]',
    put: value => ({ network: { tcp: { connect: [value] } } }),
    carried: 'never',
  },
  {
    action: 'init',
    field: 'source',
    put: value => ({ source: value }),
    carried: async outcome =>
      parse(await read(outcome, 'func.yaml')).build.source,
  },
  {
    action: 'init',
    field: 'targetPath',
    put: value => ({ targetPath: value }),
    carried: async outcome => {
      await readdir(join(outcome.workspacePath, String(outcome.outputs.path)));
      return outcome.outputs.path;
    },
  },
  ...(['validate', 'build', 'push', 'attest', 'deploy'] as const).map(
    action => ({
      action,
      field: 'path',
      put: (value: string) => ({ path: value }),
      carried: 'never' as const,
    }),
  ),
  ...(['inspect', 'push', 'attest', 'run'] as const).map(action => ({
    action,
    field: 'modulePath',
    put: (value: string) => ({ modulePath: value }),
    carried: 'never' as const,
  })),
  ...['image', 'modulePath'].map(field => ({
    action: 'pull' as const,
    field,
    put: (value: string) => ({ [field]: value }),
    carried: 'never' as const,
  })),
  ...['image', 'entityRef'].map(field => ({
    action: 'deleteImage' as const,
    field,
    put: (value: string) => ({ [field]: value }),
    carried: 'never' as const,
  })),
  ...['from', 'to'].map(field => ({
    action: 'copy' as const,
    field,
    put: (value: string) => ({ [field]: value }),
    carried: 'never' as const,
  })),
  {
    action: 'push',
    field: 'beside',
    put: value => ({ format: 'index', beside: value }),
    carried: 'never' as const,
  },
  ...['image', 'tag'].map(field => ({
    action: 'push' as const,
    field,
    put: (value: string) => ({ [field]: value }),
    carried: 'never' as const,
  })),
  {
    action: 'push',
    field: 'entityRef',
    put: value => ({ entityRef: value }),
    carried: annotation('backstage.io/entity-ref'),
  },
  {
    action: 'push',
    field: 'source',
    put: value => ({ source: value }),
    carried: annotation('org.opencontainers.image.source'),
  },
  {
    action: 'push',
    field: 'revision',
    put: value => ({ revision: value }),
    carried: annotation('org.opencontainers.image.revision'),
  },
  ...(['image', 'version', 'source', 'revision'] as const).map(field => ({
    action: 'attest' as const,
    field,
    put: (value: string) => ({ [field]: value }),
    carried: ({ attested }: Outcome) => attested[0][field],
  })),
  {
    action: 'attest',
    field: 'tools.jco',
    put: value => ({ tools: { jco: value } }),
    carried: ({ attested }) => attested[0].tools.jco,
  },
  ...['image', 'cluster', 'namespace', 'entityRef'].map(field => ({
    action: 'deploy' as const,
    field,
    put: (value: string) => ({ [field]: value }),
    carried: 'never' as const,
  })),
  {
    action: 'deploy',
    field: 'env.GREETING',
    put: value => ({ env: { GREETING: value } }),
    carried: async ({ cluster }) =>
      (await cluster.get({ namespace: 'default', name: 'hello' })).spec.env?.[0]
        .value,
  },
  ...['cluster', 'namespace', 'name'].map(field => ({
    action: 'wait' as const,
    field,
    put: (value: string) => ({ [field]: value }),
    carried: 'never' as const,
  })),
  ...['cluster', 'namespace', 'name', 'entityRef'].map(field => ({
    action: 'undeploy' as const,
    field,
    put: (value: string) => ({ [field]: value }),
    carried: 'never' as const,
  })),
  {
    action: 'run',
    field: 'args[]',
    put: value => ({ args: [value] }),
    carried: ({ ran }) => ran[0].args[0],
  },
  {
    action: 'run',
    field: 'env.A',
    put: value => ({ env: { A: value } }),
    carried: ({ ran }) => ran[0].env.A,
  },
  {
    action: 'run',
    field: 'directories[].path',
    put: value => ({ directories: [{ path: value, guestPath: '/data' }] }),
    carried: ({ workspacePath, ran }) => {
      const [{ hostPath }] = ran[0].directories;
      expect(dirname(hostPath).startsWith(workspacePath)).toBe(true);
      return hostPath.slice(workspacePath.length + 1);
    },
  },
  {
    action: 'run',
    field: 'directories[].guestPath',
    put: value => ({ directories: [{ path: '.', guestPath: value }] }),
    carried: ({ ran }) => ran[0].directories[0].guestPath,
  },
  ...(['method', 'path', 'body'] as const).map(field => ({
    action: 'run' as const,
    field: `request.${field}`,
    put: (value: string) => ({ request: { [field]: value } }),
    files: { 'module.wasm': HTTP_COMPONENT },
    carried: ({ asked }: Outcome) => asked[0][field],
  })),
  {
    action: 'run',
    field: 'request.headers, a name',
    put: value => ({ request: { headers: { [value]: 'x' } } }),
    files: { 'module.wasm': HTTP_COMPONENT },
    carried: ({ asked }) => Object.keys(asked[0].headers!)[0],
  },
  {
    action: 'run',
    field: 'request.headers, a value',
    put: value => ({ request: { headers: { 'x-a': value } } }),
    files: { 'module.wasm': HTTP_COMPONENT },
    carried: ({ asked }) => asked[0].headers!['x-a'],
  },
  ...(['buildCommand', 'addWasm', 'runKrm'] as const).map(action => ({
    action,
    field: 'path',
    put: (value: string) => ({ path: value }),
    carried: 'never' as const,
  })),
  {
    action: 'addWasm',
    field: 'image',
    put: value => ({ image: value }),
    carried: 'never',
  },
  ...(['image', 'exec'] as const).map(field => ({
    action: 'runKrm' as const,
    field: `pipeline.mutators[].${field}`,
    put: (value: string) => ({
      pipeline: { mutators: [{ [field]: value }], validators: [] },
    }),
    carried: 'never' as const,
  })),
  ...['name', 'image', 'entityRef', 'runtimeClassName', 'namespace'].map(
    field => ({
      action: 'deployWorkload' as const,
      field,
      put: (value: string) => ({ [field]: value }),
      carried: 'never' as const,
    }),
  ),
  {
    action: 'deployWorkload',
    field: 'folders[].guestPath',
    put: value => ({ folders: [{ guestPath: value, claim: 'data' }] }),
    // Of the module's own file system: any absolute path.
    carried: outcome => containerOf(outcome).volumeMounts[0].mountPath,
  },
  {
    action: 'deployWorkload',
    field: 'folders[].claim',
    put: value => ({ folders: [{ guestPath: '/data', claim: value }] }),
    carried: 'never',
  },
  {
    action: 'deployWorkload',
    field: 'memory',
    put: value => ({ memory: value }),
    carried: 'never',
  },
  {
    action: 'deployWorkload',
    field: 'args[]',
    put: value => ({ args: [value] }),
    carried: outcome => containerOf(outcome).args[0],
  },
  {
    action: 'deployWorkload',
    field: 'env.A',
    put: value => ({ env: { A: value } }),
    carried: outcome => containerOf(outcome).env[0].value,
  },
  ...['repoUrl', 'defaultBranch', 'sourcePath'].map(field => ({
    action: 'publish' as const,
    field,
    put: (value: string) => ({ [field]: value }),
    carried: 'never' as const,
  })),
  ...['owner', 'repo'].map(part => ({
    action: 'publish' as const,
    field: `repoUrl, its ${part}`,
    put: (value: string) => ({
      repoUrl: `${gitea.host}?${new URLSearchParams({
        owner: 'functions',
        repo: 'hello',
        [part]: value,
      })}`,
    }),
    carried: 'never' as const,
  })),
  {
    action: 'publish',
    field: 'description',
    put: value => ({ description: value }),
    carried: () => gitea.repositories.get('hello')?.description,
  },
];

describe('an input of an action', () => {
  const context = actionContexts();
  beforeAll(async () => {
    gitea = await FakeGitea.start();
  });
  afterAll(() => gitea.close());

  /** What the action made of the value; anything else that it did fails. */
  async function attempt(
    { action, put, files, carried }: (typeof inputs)[number],
    value: string,
  ): Promise<'refused' | 'carried' | 'changed'> {
    gitea.repositories.clear();
    const world = actionsOverFakes(gitea);
    const { make, input } = world.actions[action];
    const { ctx, workspacePath, outputs } = await context({
      input: { ...input, ...put(value) },
      templateUrl: TEMPLATE,
      files: {
        'func.yaml': FUNC_YAML,
        'module.wasm': EMPTY_COMPONENT,
        ...files,
      },
    });
    const outside = await readdir(dirname(workspacePath));
    const error = await (make() as { handler(ctx: never): Promise<void> })
      .handler(ctx)
      .then(
        () => undefined,
        (e: Error) => e,
      );

    expect(await readdir(dirname(workspacePath))).toEqual(outside);
    expect(await readdir(workspacePath)).not.toContain('pwned');
    expect(world.built).toEqual([]);
    if (error) {
      expect({ known: isWasiError(error), message: error.message }).toEqual({
        known: true,
        message: expect.stringMatching(/^[^]{5,5000}$/),
      });
      expect(world.published).toEqual([]);
      expect([...gitea.repositories]).toEqual([]);
      return 'refused';
    }
    return carried === 'never' ||
      (await carried({ ...world, workspacePath, outputs })) === value
      ? 'carried'
      : 'changed';
  }

  it.each(inputs)(
    'is refused or taken as data, never as anything else: $action, $field',
    async given => {
      const outcomes: Record<string, string> = {};
      for (const [name, value] of hostileTexts) {
        outcomes[name] = await attempt(given, value).catch(
          (error: Error) => error.message,
        );
      }

      const allowed =
        given.carried === 'never' ? /^refused$/ : /^(refused|carried)$/;
      expect(outcomes).toEqual(
        Object.fromEntries(
          hostileTexts.map(([name]) => [name, expect.stringMatching(allowed)]),
        ),
      );
    },
  );
});
