import {
  createMockDirectory,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  scaffolderActionsExtensionPoint,
  type TemplateAction,
} from '@backstage/plugin-scaffolder-node';
import {
  scaffolderWorkspaceProviderExtensionPoint,
  type WorkspaceProvider,
} from '@backstage/plugin-scaffolder-node/alpha';
import { parse } from 'yaml';
import scaffolderModuleWasi from '.';

const kept = createMockDirectory();
const workspace = createMockDirectory();

describe('scaffolder module', () => {
  it('offers its actions, each with a description, examples and a dry run', async () => {
    const added: TemplateAction<any, any, any>[] = [];
    const backend = await startTestBackend({
      extensionPoints: [
        [
          scaffolderActionsExtensionPoint,
          { addActions: (...actions) => added.push(...actions) },
        ],
        [scaffolderWorkspaceProviderExtensionPoint, { addProviders() {} }],
      ],
      features: [
        scaffolderModuleWasi,
        catalogServiceMock.factory(),
        mockServices.rootConfig.factory({ data: {} }),
      ],
    });
    await backend.stop();
    expect(added.map(({ id }) => id)).toEqual([
      'wasi:function:init',
      'wasi:function:validate',
      'wasi:module:build',
      'wasi:module:inspect',
      'wasi:module:run',
      'wasi:repository:publish',
      'wasi:module:push',
      'wasi:module:pull',
      'wasi:module:copy',
      'wasi:image:delete',
      'wasi:module:attest',
      'wasi:module:deploy',
      'wasi:module:wait',
      'wasi:module:undeploy',
      'wasi:krm:run',
      'wasi:command:build',
      'wasi:workload:deploy',
      'wasi:image:add-wasm',
    ]);
    for (const action of added) {
      expect(action.supportsDryRun).toBe(true);
      expect(action.description).toMatch(/\w\.$/);
      const inputs = action.schema?.input?.properties ?? {};
      for (const { example } of action.examples ?? []) {
        const [step] = parse(example).steps;
        expect(step.action).toBe(action.id);
        expect(Object.keys(inputs)).toEqual(
          expect.arrayContaining(Object.keys(step.input ?? {})),
        );
      }
      expect(action.examples).not.toHaveLength(0);
    }
  });

  it('keeps the workspaces of unfinished runs in the folder that is configured', async () => {
    const providers: Record<string, WorkspaceProvider> = {};
    const backend = await startTestBackend({
      extensionPoints: [
        [scaffolderActionsExtensionPoint, { addActions() {} }],
        [
          scaffolderWorkspaceProviderExtensionPoint,
          { addProviders: added => Object.assign(providers, added) },
        ],
      ],
      features: [
        scaffolderModuleWasi,
        catalogServiceMock.factory(),
        mockServices.rootConfig.factory({
          data: { scaffolder: { taskRecovery: { directory: kept.path } } },
        }),
      ],
    });
    await backend.stop();
    workspace.setContent({ 'file.txt': 'content' });

    await providers.directory.serializeWorkspace({
      path: workspace.path,
      taskId: 'run',
    });

    expect(Object.keys(providers)).toEqual(['directory']);
    expect(kept.content()).toEqual({ run: { 1: { 'file.txt': 'content' } } });
  });
});
