import { mockServices } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type {
  ModuleCommand,
  ModuleEngine,
} from '@wasi-functions/backstage-plugin-wasi-node';
import {
  createFakeClusters,
  FakeWasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node/testing';
import { parse, stringify } from 'yaml';
import { actionContexts } from '../../__testUtils__/actionContext';
import { FakeDeployReports } from '../../__testUtils__/FakeDeployReports';
import { FakeModuleRegistry } from '../../__testUtils__/FakeModuleRegistry';
import { verifierThatIsOff } from '../../__testUtils__/verifiers';
import {
  EMPTY_CORE_MODULE,
  FUNC_YAML,
  HTTP_COMPONENT,
} from '../../__testUtils__/modules';
import { createDeployAction } from './createDeployAction';

jest.setTimeout(30_000);

const IMAGE = `registry.example.com/functions/hello@sha256:${'a'.repeat(64)}`;
const OTHER_IMAGE = IMAGE.replace('hello', 'other');
const REF = { namespace: 'team-a', name: 'hello' };

type List = { items: Record<string, any>[]; results?: unknown[] };

describe('the pipeline of wasi:module:deploy', () => {
  const context = actionContexts();
  let cluster: FakeWasmModuleClient;
  let work: (list: List) => void;

  const engine = {
    async runCommand({ stdin }: ModuleCommand) {
      const list = parse(String(stdin));
      work(list);
      return { exitCode: 0, stdout: stringify(list), stderr: '' };
    },
  } as unknown as ModuleEngine;

  beforeEach(() => {
    cluster = new FakeWasmModuleClient('local');
  });

  async function deploy(
    does: (list: List) => void,
    pipeline: Record<string, unknown> = {
      mutators: [{ exec: 'fn.wasm' }],
      validators: [],
    },
  ) {
    work = does;
    const { ctx, outputs, lines } = await context({
      input: {
        path: '.',
        image: IMAGE,
        entityRef: 'component:default/hello',
        force: true,
        pipeline,
      },
      files: { 'func.yaml': FUNC_YAML, 'fn.wasm': EMPTY_CORE_MODULE },
    });
    const permissions = mockServices.permissions.mock({
      authorize: async () => [{ result: AuthorizeResult.ALLOW }],
    });
    const registry = new FakeModuleRegistry();
    registry.hold(IMAGE, HTTP_COMPONENT);
    await createDeployAction({
      readCaller: async () => undefined,
      reports: new FakeDeployReports(),
      clusters: createFakeClusters([cluster]),
      registry,
      verifier: verifierThatIsOff,
      catalog: catalogServiceMock({ entities: [] }),
      permissions,
      engine,
      maxModuleBytes: 1024,
    }).handler(ctx);
    return { outputs, lines };
  }

  it('applies what a function made of the module, and shows it', async () => {
    const { outputs } = await deploy(({ items: [module] }) => {
      module.spec.resources = { limits: { memory: '128Mi' } };
      module.metadata.labels.tier = 'free';
    });
    const { metadata, spec } = await cluster.get(REF);
    expect({ labels: metadata.labels, spec }).toEqual({
      labels: { 'backstage.io/kubernetes-id': 'hello', tier: 'free' },
      spec: { image: IMAGE, resources: { limits: { memory: '128Mi' } } },
    });
    expect(parse(outputs.manifest as string)).toMatchObject({
      spec: { resources: { limits: { memory: '128Mi' } } },
    });
  });

  it('deploys nothing that a function refuses', async () => {
    await expect(
      deploy(
        list => {
          list.results = [{ message: 'needs a memory limit' }];
        },
        { mutators: [], validators: [{ exec: 'fn.wasm' }] },
      ),
    ).rejects.toMatchObject({
      code: 'KRM_FUNCTION_FAILED',
      message: expect.stringMatching(/^fn\.wasm: error: needs a memory limit/),
    });
    await expect(cluster.get(REF)).rejects.toMatchObject({
      code: 'MODULE_NOT_FOUND',
    });
  });

  it.each<[string, (list: List) => void, string]>([
    [
      'renames it',
      ({ items: [m] }) => {
        m.metadata.name = 'payments';
      },
      'KRM_CHANGE_REFUSED',
    ],
    [
      'moves it to another namespace',
      ({ items: [m] }) => {
        m.metadata.namespace = 'kube-system';
      },
      'KRM_CHANGE_REFUSED',
    ],
    [
      'gives it to another entity',
      ({ items: [m] }) => {
        m.metadata.annotations['backstage.io/entity-ref'] =
          'component:default/payments';
      },
      'KRM_CHANGE_REFUSED',
    ],
    [
      'takes its entity away',
      ({ items: [m] }) => {
        delete m.metadata.annotations;
      },
      'KRM_CHANGE_REFUSED',
    ],
    [
      'shows it on the page of another entity',
      ({ items: [m] }) => {
        m.metadata.labels['backstage.io/kubernetes-id'] = 'payments';
      },
      'KRM_CHANGE_REFUSED',
    ],
    [
      'runs another image than was checked',
      ({ items: [m] }) => {
        m.spec.image = OTHER_IMAGE;
      },
      'KRM_CHANGE_REFUSED',
    ],
    [
      'owns it by another resource',
      ({ items: [m] }) => {
        m.metadata.ownerReferences = [
          { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'b' },
        ];
      },
      'KRM_CHANGE_REFUSED',
    ],
    [
      'keeps it from being deleted',
      ({ items: [m] }) => {
        m.metadata.finalizers = ['example.com/never'];
      },
      'KRM_CHANGE_REFUSED',
    ],
    [
      'writes its status',
      ({ items: [m] }) => {
        m.status = { conditions: [{ type: 'Ready', status: 'True' }] };
      },
      'KRM_CHANGE_REFUSED',
    ],
    [
      'adds a second module',
      ({ items }) => {
        items.push({
          ...items[0],
          metadata: { ...items[0].metadata, name: 'payments' },
        });
      },
      'KRM_CHANGE_REFUSED',
    ],
    [
      'adds another resource',
      ({ items }) => {
        items.push({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } });
      },
      'KRM_CHANGE_REFUSED',
    ],
    [
      'makes something else of it',
      ({ items: [m] }) => {
        m.kind = 'ClusterRole';
      },
      'MODULE_INVALID',
    ],
    [
      'removes it',
      list => {
        list.items = [];
      },
      'KRM_CHANGE_REFUSED',
    ],
    [
      'makes a module of it that the runner cannot run',
      ({ items: [m] }) => {
        m.spec.env = [{ name: 'A', valueFrom: { fieldRef: 3 } }];
      },
      'MODULE_INVALID',
    ],
  ])('applies nothing where a function %s', async (_, does, code) => {
    await expect(deploy(does)).rejects.toMatchObject({ code });
    expect((await cluster.list({})).items).toEqual([]);
  });

  it('runs as its example says, with functions from the registry', async () => {
    const registry = new FakeModuleRegistry();
    registry.hold(IMAGE, HTTP_COMPONENT);
    // For the functions.
    registry.module = EMPTY_CORE_MODULE;
    const action = createDeployAction({
      readCaller: async () => undefined,
      reports: new FakeDeployReports(),
      clusters: createFakeClusters([cluster]),
      registry,
      verifier: verifierThatIsOff,
      catalog: catalogServiceMock({ entities: [] }),
      permissions: mockServices.permissions.mock(),
      engine,
      maxModuleBytes: 1024,
    });
    const steps = action.examples!.map(
      ({ example }) => parse(example).steps[0],
    );
    const { input } = steps.find(step => step.input.pipeline)!;
    const configured: unknown[] = [];
    work = list => {
      configured.push((list as { functionConfig?: unknown }).functionConfig);
    };
    const { ctx } = await context({
      input: { ...input, image: IMAGE },
      files: { 'func.yaml': FUNC_YAML },
    });
    await action.handler(ctx);
    expect(registry.pulls).toEqual([
      { image: 'ghcr.io/platform/set-limits:1.0.0' },
      { image: 'ghcr.io/platform/check-network:1.0.0' },
      // To look into it.
      { image: IMAGE },
    ]);
    expect(configured).toMatchObject([
      { data: { memory: '128Mi' } },
      undefined,
    ]);
    expect((await cluster.get(REF)).spec).toEqual({
      image: IMAGE,
      resources: { limits: { memory: '512Mi' } },
    });
  });

  it('runs no function in a dry run', async () => {
    work = () => {
      throw new Error('not to be run');
    };
    const { ctx, outputs } = await context({
      input: {
        path: '.',
        image: IMAGE,
        entityRef: 'component:default/hello',
        pipeline: { mutators: [{ exec: 'not-built-yet.wasm' }] },
      },
      files: { 'func.yaml': FUNC_YAML },
      isDryRun: true,
    });
    await createDeployAction({
      readCaller: async () => undefined,
      reports: new FakeDeployReports(),
      clusters: createFakeClusters([cluster]),
      registry: new FakeModuleRegistry(),
      verifier: verifierThatIsOff,
      catalog: catalogServiceMock({ entities: [] }),
      permissions: mockServices.permissions.mock(),
      engine,
      maxModuleBytes: 1024,
    }).handler(ctx);
    expect(outputs.name).toBe('hello');
  });
});
