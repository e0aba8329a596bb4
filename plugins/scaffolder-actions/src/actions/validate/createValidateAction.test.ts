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

  it('refuses variables of a build that decide what it reaches, and repeats no value', async () => {
    const { ctx, lines } = await context({
      input: { path: '.' },
      files: {
        'func.yaml': `${VALID}build:
  buildEnvs:
    - name: NPM_TOKEN
      value: s3cret
`,
      },
    });
    const error = await action.handler(ctx).catch((e: unknown) => e);
    expect(error).toMatchObject({
      code: 'BUILD_ENV_REFUSED',
      message: expect.stringContaining(
        'NPM_TOKEN decides what a build runs or reaches',
      ),
    });
    expect(`${error}${lines.join('\n')}`).not.toContain('s3cret');
  });

  it('tells the runtime from the sources where func.yaml names none', async () => {
    const { ctx, lines, outputs } = await context({
      input: { path: '.' },
      files: { 'func.yaml': 'name: hello\n', 'go.mod': 'module hello\n' },
    });
    await action.handler(ctx);
    expect(outputs.runtime).toBe('go-wasi');
    expect(lines.join('\n')).toContain('runtime go-wasi, because go.mod');
  });

  it('warns where the sources are of another runtime', async () => {
    const { ctx, outputs } = await context({
      input: { path: '.' },
      files: { 'func.yaml': VALID, 'Cargo.toml': '' },
    });
    await action.handler(ctx);
    expect(outputs).toMatchObject({
      runtime: 'js-wasi',
      warnings: [
        '`runtime` is js-wasi, but the folder is for rust-wasi (Cargo.toml)',
      ],
    });
  });

  it('asks which runtime is meant where the sources are of two', async () => {
    const { ctx } = await context({
      input: { path: '.' },
      files: { 'func.yaml': 'name: hello\n', 'go.mod': '', 'Cargo.toml': '' },
    });
    await expect(action.handler(ctx)).rejects.toMatchObject({
      code: 'RUNTIME_AMBIGUOUS',
      message: expect.stringContaining(
        'rust-wasi (Cargo.toml) and go-wasi (go.mod)',
      ),
    });
  });

  it('says what to write into a func.yaml that is not there', async () => {
    const { ctx } = await context({
      input: { path: '.' },
      files: { 'go.mod': 'module hello\n' },
    });
    await expect(action.handler(ctx)).rejects.toMatchObject({
      code: 'FUNC_YAML_MISSING',
      message: expect.stringContaining(
        "There is no func.yaml in '.' of the workspace; its files are those of go-wasi (go.mod).",
      ),
      remedy: expect.stringContaining('`runtime: go-wasi`'),
    });
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
