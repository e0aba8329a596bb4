import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  scaffolderActionsExtensionPoint,
  type TemplateAction,
} from '@backstage/plugin-scaffolder-node';
import { scaffolderWorkspaceProviderExtensionPoint } from '@backstage/plugin-scaffolder-node/alpha';
import { parse } from 'yaml';
import scaffolderModuleWasi from '.';

describe('scaffolder module', () => {
  it('offers the ten actions, each with a description, examples and a dry run', async () => {
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
      'wasi:module:deploy',
      'wasi:module:wait',
      'wasi:module:undeploy',
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
});
