import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { actionContexts } from '../../__testUtils__/actionContext';
import { createValidateAction } from './createValidateAction';

const VALID = `specVersion: 0.36.0
name: hello
runtime: js-wasi
registry: ghcr.io/team
`;

describe('wasi:function:validate', () => {
  const context = actionContexts();
  const action = createValidateAction();

  it('passes a valid func.yaml and outputs name and runtime', async () => {
    const { ctx, outputs } = await context({
      input: { path: '.' },
      files: { 'func.yaml': VALID },
    });
    await action.handler(ctx);
    expect(outputs).toEqual({
      name: 'hello',
      runtime: 'js-wasi',
      warnings: [],
    });
  });

  it('warns that the variables of a build reach no build, and repeats no value', async () => {
    const { ctx, lines, outputs } = await context({
      input: { path: '.' },
      files: {
        'func.yaml': `${VALID}build:
  buildEnvs:
    - name: NPM_TOKEN
      value: s3cret
`,
      },
    });
    await action.handler(ctx);
    const warning = 'build.buildEnvs has no effect: builds get no variables.';
    expect(outputs.warnings).toEqual([warning]);
    expect(lines.join('\n')).toContain(`${warning} Remove the field.`);
    expect(lines.join('\n')).not.toContain('s3cret');
  });

  it('reports five faults at once, each with its line', async () => {
    const { ctx } = await context({
      input: { path: '.' },
      files: {
        'func.yaml': `specVersion: 0.36.0
name: Hello World
runtime: rust-wasi
registry: ghcr.io/My-Team
build:
  builder: pack
deploy:
  deployer: knative
  network:
    tcp:
      connect:
        - no-port
`,
      },
    });
    const error = await action.handler(ctx).catch((e: unknown) => e);
    expect(error).toMatchObject({
      name: 'InputError',
      message: expect.stringContaining('func.yaml has 5 faults'),
    });
    const { message } = error as Error;
    for (const line of [2, 4, 6, 8, 12]) {
      expect(message).toContain(`line ${line}, `);
    }
  });

  it('says where func.yaml was looked for when there is none', async () => {
    const { ctx } = await context({ input: { path: 'functions/hello' } });
    await expect(action.handler(ctx)).rejects.toMatchObject({
      name: 'NotFoundError',
      code: 'FUNC_YAML_MISSING',
      message:
        "There is no func.yaml in 'functions/hello' of the workspace. Add a func.yaml to the folder, or name its path.",
    });
  });

  it.each(['../elsewhere', '/etc', 'a/../../b'])(
    'refuses the path %s, which leads out of the workspace',
    async path => {
      const { ctx } = await context({ input: { path } });
      await expect(action.handler(ctx)).rejects.toMatchObject({
        code: 'SOURCE_PATH_ESCAPES',
      });
    },
  );

  it('does not take links that lead in a circle for a missing folder', async () => {
    const { ctx, workspacePath } = await context({ input: { path: 'circle' } });
    await symlink('circle', join(workspacePath, 'circle'));
    await expect(action.handler(ctx)).rejects.not.toMatchObject({
      code: 'FUNC_YAML_MISSING',
    });
  });

  it('refuses a link that leads out of the workspace', async () => {
    const { ctx, workspacePath } = await context({
      input: { path: 'linked' },
      files: { 'func.yaml': VALID },
    });
    await symlink('/', join(workspacePath, 'linked'));
    await expect(action.handler(ctx)).rejects.toMatchObject({
      code: 'SOURCE_PATH_ESCAPES',
    });
  });

  it.each(action.examples ?? [])(
    'example runs: $description',
    async ({ example }) => {
      const { input = {} } = parse(example).steps[0];
      const { ctx, outputs } = await context({
        input: { path: '.', ...input },
        files: { 'func.yaml': VALID, 'functions/hello/func.yaml': VALID },
      });
      await action.handler(ctx);
      expect(outputs.name).toBe('hello');
    },
  );
});
