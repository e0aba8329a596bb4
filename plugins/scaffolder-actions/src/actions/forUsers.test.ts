import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { forUsers } from './forUsers';

function action(handler: (input: unknown) => void) {
  return forUsers(
    createTemplateAction({
      id: 'test',
      schema: {
        input: {
          path: z => z.string().default('.'),
          name: z => z.string().optional(),
          request: z =>
            z.object({ method: z.string().default('GET') }).default({}),
          env: z =>
            z
              .array(
                z.object({ name: z.string(), value: z.string().default('') }),
              )
              .default([]),
        },
      },
      async handler(ctx) {
        handler(ctx.input);
      },
    }),
  );
}

describe('forUsers', () => {
  it('fills in the defaults of the schema, also within objects and lists', async () => {
    const inputs: unknown[] = [];
    const { handler } = action(input => inputs.push(input));
    await handler({ input: {} } as never);
    await handler({
      input: { path: 'a', request: {}, env: [{ name: 'A' }] },
    } as never);
    expect(inputs).toEqual([
      { path: '.', request: { method: 'GET' }, env: [] },
      {
        path: 'a',
        request: { method: 'GET' },
        env: [{ name: 'A', value: '' }],
      },
    ]);
  });

  it('puts the next step behind the message, once, and keeps code and status', async () => {
    const { handler } = action(() => {
      throw new WasiError('CRD_MISSING', {
        message: 'Cluster "local" does not know WasmModules',
      });
    });
    const error = await handler({ input: {} } as never).catch(e => e);
    expect(error).toMatchObject({
      name: 'ServiceUnavailableError',
      code: 'CRD_MISSING',
      message:
        'Cluster "local" does not know WasmModules. Install knative-serving-wasm in the cluster.',
    });
    expect(error.stack).toBe(`${error.name}: ${error.message}`);
  });

  it('leaves an unexpected error as it is', async () => {
    const unexpected = new TypeError('x is not a function');
    const { handler } = action(() => {
      throw unexpected;
    });
    await expect(handler({ input: {} } as never)).rejects.toBe(unexpected);
  });
});
