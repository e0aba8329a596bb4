import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { createMockActionContext } from '@backstage/plugin-scaffolder-node-test-utils';
import { withInputDefaults } from './withInputDefaults';

async function inputSeen(input: object) {
  const handler = jest.fn();
  const action = createTemplateAction({
    id: 'test',
    schema: {
      input: {
        name: z => z.string(),
        path: z => z.string().default('.'),
        force: z => z.boolean().default(false),
        request: z =>
          z
            .object({
              method: z.string().default('GET'),
              body: z.string().optional(),
            })
            .default({}),
        mounts: z =>
          z
            .array(
              z.object({ at: z.string(), readOnly: z.boolean().default(true) }),
            )
            .default([]),
      },
    },
    handler: async context => handler(context.input),
  });
  await withInputDefaults(action as never).handler(
    createMockActionContext({ input } as never),
  );
  return handler.mock.calls[0][0];
}

it('fills in what the template left out, also inside of objects and lists', async () => {
  expect(await inputSeen({ name: 'a', mounts: [{ at: '/data' }] })).toEqual({
    name: 'a',
    path: '.',
    force: false,
    request: { method: 'GET' },
    mounts: [{ at: '/data', readOnly: true }],
  });
});

it('keeps what the template said, also where it equals nothing', async () => {
  const input = {
    name: '',
    path: 'folder',
    force: true,
    request: { method: 'POST', body: '' },
    mounts: [{ at: '/data', readOnly: false }],
  };
  expect(await inputSeen(input)).toEqual(input);
});
