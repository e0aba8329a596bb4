import { mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type {
  AttestOptions,
  CommandBuilder,
  ModuleEngine,
  ModuleRequest,
  Workloads,
} from '@wasi-functions/backstage-plugin-wasi-node';
import {
  createFakeClusters,
  FakeWasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node/testing';
import { createAttestAction } from '../actions/attest';
import { createBuildAction } from '../actions/build';
import { createCommandBuildAction } from '../actions/command';
import { createCopyAction } from '../actions/copy';
import { createDeleteImageAction } from '../actions/deleteImage';
import { createDeployAction } from '../actions/deploy';
import { createAddWasmAction } from '../actions/image';
import { createInitAction } from '../actions/init';
import { createInspectAction } from '../actions/inspect';
import { createKrmRunAction } from '../actions/krm';
import { createPublishAction } from '../actions/publish';
import { createPullAction } from '../actions/pull';
import { createPushAction } from '../actions/push';
import { createRunAction } from '../actions/run';
import { createUndeployAction } from '../actions/undeploy';
import { createValidateAction } from '../actions/validate';
import { createWaitAction } from '../actions/wait';
import { createWorkloadDeployAction } from '../actions/workload';
import type { FakeGitea } from './FakeGitea';
import { FakeDeployReports } from './FakeDeployReports';
import { FakeModuleRegistry } from './FakeModuleRegistry';
import { verifierThatIsOff } from './verifiers';

const IMAGE = `registry.example.com/functions/hello@sha256:${'a'.repeat(64)}`;
const REF = 'component:default/hello';

/** What a template hands to an action. */
export type Input = Record<string, any>;

/** Every action with an input that it takes, and all that it may reach. */
export function actionsOverFakes(gitea: FakeGitea) {
  const cluster = new FakeWasmModuleClient('local');
  const registry = new FakeModuleRegistry();
  const built: string[] = [];
  const published: string[] = [];
  const ran: Record<string, any>[] = [];
  const asked: ModuleRequest[] = [];
  const attested: AttestOptions[] = [];
  const workloads: Parameters<Workloads['deploy']>[0][] = [];

  const permissions = mockServices.permissions.mock({
    authorize: async () => [{ result: AuthorizeResult.ALLOW }],
  });
  const catalog = catalogServiceMock({ entities: [] });
  const shared = { permissions, catalog, maxModuleBytes: 1024 };
  const config = new ConfigReader({
    integrations: {
      gitea: [{ host: gitea.host, baseUrl: `http://${gitea.host}` }],
    },
  });

  const engine = {
    async runCommand(options: Record<string, any>) {
      ran.push(options);
      return { exitCode: 0, stdout: '', stderr: '' };
    },
    prepare: async () => ({}),
    serve: async () => ({
      async request(request: ModuleRequest) {
        asked.push(request);
        return {
          status: 200,
          headers: {},
          body: Buffer.from(''),
          durationMs: 1,
        };
      },
      stop: async () => {},
    }),
  } as unknown as ModuleEngine;

  const commands: CommandBuilder = {
    async build({ directory }) {
      built.push(directory);
      throw new Error('not to be reached');
    },
  };

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
    buildCommand: {
      make: () => createCommandBuildAction({ builder: commands }),
      input: { language: 'wat' },
    },
    addWasm: {
      make: () =>
        createAddWasmAction({
          ...shared,
          builder: commands,
          registry,
          now: () => new Date(0),
        }),
      input: { image: 'registry.example.com/functions/hello:1.0' },
    },
    runKrm: {
      make: () => createKrmRunAction({ ...shared, engine, registry }),
      input: { pipeline: { mutators: [], validators: [] } },
    },
    deployWorkload: {
      make: () =>
        createWorkloadDeployAction({
          ...shared,
          verifier: verifierThatIsOff,
          workloads: {
            async deploy(options) {
              workloads.push(options);
              return { cluster: 'local' };
            },
          },
        }),
      input: {
        name: 'tool',
        image: IMAGE,
        entityRef: REF,
        runtimeClassName: 'wasmtime',
      },
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
    pull: {
      make: () => createPullAction({ ...shared, registry }),
      input: { image: 'registry.example.com/functions/hello:1.0' },
    },
    copy: {
      make: () => createCopyAction({ registry }),
      input: {
        from: 'registry.example.com/functions/hello:1.0',
        to: 'registry.example.com/functions/copy:1.0',
      },
    },
    attest: {
      make: () =>
        createAttestAction({
          maxModuleBytes: 1024,
          attester: {
            signs: true,
            async attest(options) {
              attested.push(options);
              return {
                sbom: { digest: 'sha256:a', packages: 0 },
                provenance: 'sha256:b',
                attached: 1,
              };
            },
          },
        }),
      input: { image: IMAGE },
    },
    deleteImage: {
      make: () =>
        createDeleteImageAction({
          registry,
          permissions,
          clusters: createFakeClusters([cluster]),
        }),
      input: {
        image: 'registry.example.com/functions/hello:1.0',
        entityRef: REF,
      },
    },
    deploy: {
      make: () =>
        createDeployAction({
          readCaller: async () => undefined,
          reports: new FakeDeployReports(),
          ...shared,
          registry,
          engine,
          verifier: verifierThatIsOff,
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
          readCaller: async () => undefined,
          reports: new FakeDeployReports(),
          permissions,
          clusters: createFakeClusters([cluster]),
        }),
      input: { name: 'hello', entityRef: REF },
    },
    run: {
      make: () => createRunAction({ engine, maxModuleBytes: 1024 }),
      input: { modulePath: 'module.wasm' },
    },
    publish: {
      make: () =>
        createPublishAction({
          integrations: ScmIntegrations.fromConfig(config),
          config,
          async push({ dir }) {
            published.push(dir);
            return { commitHash: 'abc123' };
          },
        }),
      input: { repoUrl: `${gitea.host}?owner=functions&repo=hello` },
    },
  } satisfies Record<string, { make: () => unknown; input: Input }>;

  return {
    actions,
    cluster,
    registry,
    built,
    published,
    ran,
    asked,
    attested,
    workloads,
  };
}
