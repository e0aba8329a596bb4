import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { mockServices } from '@backstage/backend-test-utils';
import { ScmIntegrations } from '@backstage/integration';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { isWasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { ModuleEngine } from '@wasi-functions/backstage-plugin-wasi-node';
import {
  createFakeClusters,
  FakeWasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node/testing';
import { parse } from 'yaml';
import { actionContexts } from '../__testUtils__/actionContext';
import { FakeModuleRegistry } from '../__testUtils__/FakeModuleRegistry';
import { EMPTY_COMPONENT } from '../__testUtils__/modules';
import { createBuildAction } from './build';
import { createDeployAction } from './deploy';
import { createInitAction } from './init';
import { createInspectAction } from './inspect';
import { createPushAction } from './push';
import { createRunAction } from './run';
import { createUndeployAction } from './undeploy';
import { createValidateAction } from './validate';
import { createWaitAction } from './wait';

jest.setTimeout(60_000);

const NASTY: [string, string][] = [
  ['an option', '--help'],
  ['short options', '-rf'],
  ['a substitution', '$(touch pwned)'],
  ['backticks', '`touch pwned`'],
  ['a second command', 'x; touch pwned'],
  ['a pipe', 'x | touch pwned'],
  ['a line end', 'x\ntouch: pwned'],
  ['a NUL byte', 'x\0y'],
  ['a path out', '../pwned'],
  ['a path out through a folder', 'a/../../pwned'],
  ['an absolute path', '/etc/passwd'],
  ['a path of another system', '..\\pwned'],
  ['an escaped path', '%2e%2e%2fpwned'],
  ['a template', '${{ secrets.token }} {{ env:HOME }}'],
  ['YAML', '"}]: &a !!js/function |'],
  ['markup', '<script>alert(1)</script>'],
  ['text that turns round', '\u202egnp.exe'],
  ['far too much', 'x'.repeat(10_000)],
];

const FUNC_YAML = `specVersion: 0.36.0
name: hello
runtime: prebuilt-wasi
registry: registry.example.com/functions
run:
  envs:
    - name: GREETING
      value: '{{ env:GREETING }}'
`;
const IMAGE = `registry.example.com/functions/hello@sha256:${'a'.repeat(64)}`;
const REF = 'component:default/hello';

type Input = Record<string, any>;
interface Outcome {
  workspacePath: string;
  outputs: Record<string, unknown>;
}

let cluster: FakeWasmModuleClient;
let registry: FakeModuleRegistry;
let built: string[];
let ran: Record<string, any>[];

function resetFakes() {
  cluster = new FakeWasmModuleClient('local');
  registry = new FakeModuleRegistry();
  built = [];
  ran = [];
}

const permissions = mockServices.permissions.mock({
  authorize: async () => [{ result: AuthorizeResult.ALLOW }],
});
const catalog = catalogServiceMock({ entities: [] });
const shared = { permissions, catalog, maxModuleBytes: 1024 };

const engine = {
  async runCommand(options: Record<string, any>) {
    ran.push(options);
    return { exitCode: 0, stdout: '', stderr: '' };
  },
} as unknown as ModuleEngine;

const actions = {
  init: {
    make: () =>
      createInitAction({
        catalog,
        reader: mockServices.urlReader.mock(),
        integrations: ScmIntegrations.fromConfig(mockServices.rootConfig()),
        now: () => new Date(0),
      }),
    input: {
      name: 'hello',
      runtime: 'js-wasi',
      owner: 'group:default/team-a',
      registry: 'ghcr.io/team',
    },
  },
  validate: { make: createValidateAction, input: {} },
  build: {
    make: () =>
      createBuildAction({
        builder: {
          async build({ directory }) {
            built.push(directory);
            throw new Error('not to be reached');
          },
        },
        toolchains: {} as never,
      }),
    input: {},
  },
  inspect: {
    make: () => createInspectAction(shared),
    input: { modulePath: 'module.wasm', requireHttp: false },
  },
  push: {
    make: () =>
      createPushAction({ ...shared, registry, now: () => new Date(0) }),
    input: { modulePath: 'module.wasm' },
  },
  deploy: {
    make: () =>
      createDeployAction({
        ...shared,
        registry,
        clusters: createFakeClusters([cluster]),
      }),
    input: { image: IMAGE, entityRef: REF, env: { GREETING: 'hi' } },
  },
  wait: {
    make: () => createWaitAction({ clusters: createFakeClusters([cluster]) }),
    input: { name: 'hello', timeoutSeconds: 1 },
  },
  undeploy: {
    make: () =>
      createUndeployAction({
        permissions,
        clusters: createFakeClusters([cluster]),
      }),
    input: { name: 'hello', entityRef: REF },
  },
  run: {
    make: () => createRunAction({ engine, maxModuleBytes: 1024 }),
    input: { modulePath: 'module.wasm' },
  },
} satisfies Record<string, { make: () => unknown; input: Input }>;

const applied = async () =>
  cluster.get({ namespace: 'default', name: 'hello' });
const read = (outcome: Outcome, file: string) =>
  readFile(join(outcome.workspacePath, file), 'utf8');
const annotation = (name: string) => () => registry.pushes[0].annotations[name];

/**
 * Each string that an action takes, and where it is to be found again, as it
 * was, if it is not refused. `never`: nothing of the list may pass.
 */
const inputs: {
  action: keyof typeof actions;
  field: string;
  put: (value: string) => Input;
  carried: 'never' | ((outcome: Outcome) => unknown);
}[] = [
  ...['name', 'runtime', 'namespace'].map(field => ({
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
  ...(['validate', 'build', 'push', 'deploy'] as const).map(action => ({
    action,
    field: 'path',
    put: (value: string) => ({ path: value }),
    carried: 'never' as const,
  })),
  ...(['inspect', 'push', 'run'] as const).map(action => ({
    action,
    field: 'modulePath',
    put: (value: string) => ({ modulePath: value }),
    carried: 'never' as const,
  })),
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
    carried: async () => (await applied()).spec.env?.[0].value,
  },
  ...['cluster', 'namespace', 'name'].map(field => ({
    action: 'wait' as const,
    field,
    put: (value: string) => ({ [field]: value }),
    carried: 'never' as const,
  })),
  ...['cluster', 'entityRef'].map(field => ({
    action: 'undeploy' as const,
    field,
    put: (value: string) => ({ [field]: value }),
    carried: 'never' as const,
  })),
  {
    action: 'run',
    field: 'args[]',
    put: value => ({ args: [value] }),
    carried: () => ran[0].args[0],
  },
  {
    action: 'run',
    field: 'env.A',
    put: value => ({ env: { A: value } }),
    carried: () => ran[0].env.A,
  },
  {
    action: 'run',
    field: 'directories[].path',
    put: value => ({ directories: [{ path: value, guestPath: '/data' }] }),
    carried: ({ workspacePath }) => {
      const [{ hostPath }] = ran[0].directories;
      expect(dirname(hostPath).startsWith(workspacePath)).toBe(true);
      return hostPath.slice(workspacePath.length + 1);
    },
  },
];

describe('an input of an action', () => {
  const context = actionContexts();

  /** What the action made of the value; anything else that it did fails. */
  async function attempt(
    { action, put, carried }: (typeof inputs)[number],
    value: string,
  ): Promise<'refused' | 'carried' | 'changed'> {
    resetFakes();
    const { make, input } = actions[action];
    const { ctx, workspacePath, outputs } = await context({
      input: { ...input, ...put(value) },
      files: { 'func.yaml': FUNC_YAML, 'module.wasm': EMPTY_COMPONENT },
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
    expect(built).toEqual([]);
    if (error) {
      expect({ known: isWasiError(error), message: error.message }).toEqual({
        known: true,
        message: expect.stringMatching(/^[^]{5,5000}$/),
      });
      return 'refused';
    }
    return carried === 'never' ||
      (await carried({ workspacePath, outputs })) === value
      ? 'carried'
      : 'changed';
  }

  it.each(inputs)(
    'is refused or taken as data, never as anything else: $action, $field',
    async given => {
      const outcomes: Record<string, string> = {};
      for (const [name, value] of NASTY) {
        outcomes[name] = await attempt(given, value).catch(
          (error: Error) => error.message,
        );
      }

      const allowed =
        given.carried === 'never' ? /^refused$/ : /^(refused|carried)$/;
      expect(outcomes).toEqual(
        Object.fromEntries(
          NASTY.map(([name]) => [name, expect.stringMatching(allowed)]),
        ),
      );
    },
  );
});

describe('the templates', () => {
  const load = async (name: string) =>
    parse(
      await readFile(
        resolve(__dirname, '../../../../templates', name, 'template.yaml'),
        'utf8',
      ),
    ).spec;

  it.each(['wasi-function', 'wasi-prebuilt'])(
    '%s refuses each of these as a name, before any step',
    async name => {
      const [{ properties }] = (await load(name)).parameters;

      expect(
        NASTY.filter(
          ([, value]) =>
            new RegExp(properties.name.pattern).test(value) &&
            value.length <= properties.name.maxLength,
        ),
      ).toEqual([]);
    },
  );

  it.each(['wasi-function', 'wasi-prebuilt'])(
    '%s hands what was typed to the init action first, which checks it',
    async name => {
      const [first, ...others] = (await load(name)).steps;
      const used = (steps: unknown[]) => [
        ...new Set(
          [...JSON.stringify(steps).matchAll(/[^.]parameters\.(\w+)/g)].map(
            ([, parameter]) => parameter,
          ),
        ),
      ];

      expect(first.action).toBe('wasi:function:init');
      expect(used(others).filter(p => !used([first]).includes(p))).toEqual([]);
    },
  );
});
