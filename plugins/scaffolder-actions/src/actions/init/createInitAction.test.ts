import { existsSync } from 'node:fs';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigReader } from '@backstage/config';
import {
  createMockDirectory,
  mockServices,
} from '@backstage/backend-test-utils';
import { ScmIntegrations } from '@backstage/integration';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  parseFuncYaml,
  readModuleLinks,
  readSyncRequest,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { parse } from 'yaml';
import { actionContexts } from '../../__testUtils__/actionContext';
import { createInitAction } from './createInitAction';

const TEMPLATE = resolve(
  __dirname,
  '../../../../../templates/wasi-function/template.yaml',
);

const INPUT = {
  name: 'hello',
  runtime: 'js-wasi',
  owner: 'group:default/team-a',
  registry: 'ghcr.io/my-team',
  namespace: 'default',
  env: [] as { name: string; value: string }[],
  targetPath: '.',
};

describe('wasi:function:init', () => {
  const context = actionContexts();
  const template = createMockDirectory({
    content: {
      'template.yaml': '',
      skeletons: {
        'js-wasi': { 'handler.js': '// handler', '.github': { x: 'y' } },
      },
    },
  });
  const action = createInitAction({
    reader: mockServices.urlReader.mock(),
    integrations: ScmIntegrations.fromConfig(new ConfigReader({})),
    catalog: catalogServiceMock({
      entities: [
        {
          apiVersion: 'backstage.io/v1alpha1',
          kind: 'Component',
          metadata: { name: 'taken' },
          spec: {},
        },
      ],
    }),
    now: () => new Date('2026-01-02T03:04:05Z'),
  });

  it('generates a repository whose func.yaml and catalog-info.yaml fit together', async () => {
    const { ctx, outputs, workspacePath } = await context({
      input: {
        ...INPUT,
        description: 'Says hello',
        env: [{ name: 'GREETING', value: 'hello: world # not a comment' }],
        network: { tcp: { connect: ['db:5432'] } },
        skeleton: './skeletons/js-wasi',
      },
      templateUrl: pathToFileURL(template.resolve('template.yaml')).href,
    });
    await action.handler(ctx);

    const read = (name: string) => readFile(join(workspacePath, name), 'utf8');
    const { config, findings } = parseFuncYaml(await read('func.yaml'));
    expect(findings).toEqual([]);
    expect(config).toMatchObject({
      name: 'hello',
      runtime: 'js-wasi',
      registry: 'ghcr.io/my-team',
      run: {
        envs: [{ name: 'GREETING', value: 'hello: world # not a comment' }],
      },
      deploy: {
        namespace: 'default',
        network: { tcp: { connect: ['db:5432'] } },
      },
    });
    const entity = parse(await read('catalog-info.yaml'));
    expect(readModuleLinks(entity).links).toEqual([
      { namespace: 'default', name: 'hello' },
    ]);
    expect(entity.spec).toEqual({
      type: 'wasm-function',
      lifecycle: 'experimental',
      owner: 'group:default/team-a',
    });
    expect(await read('handler.js')).toBe('// handler');
    expect(await read('.github/x')).toBe('y');
    expect(await read('.gitignore')).toContain('/module.wasm');
    expect(outputs).toEqual({
      entityRef: 'component:default/hello',
      path: '.',
    });
  });

  it.each([
    { chosen: true, asked: true },
    { chosen: false, asked: false },
    { chosen: undefined, asked: false },
  ])(
    'asks for deploys on change only where that was chosen: $chosen',
    async ({ chosen, asked }) => {
      const { ctx, workspacePath } = await context({
        input: { ...INPUT, autoDeploy: chosen },
      });
      await action.handler(ctx);

      const entity = parse(
        await readFile(join(workspacePath, 'catalog-info.yaml'), 'utf8'),
      );
      expect(readSyncRequest(entity)).toMatchObject({
        asked,
        funcYaml: './func.yaml',
        findings: [],
      });
    },
  );

  it.each([
    ['js-wasi', undefined, 'js-wasi', 'JavaScript'],
    ['js-wasi', 'TypeScript', 'js-wasi-typescript', 'TypeScript'],
    ['go-wasi', undefined, 'go-wasi', 'Go'],
  ])(
    'tells how a %s function (asked for: %s) is tested, built and run, as its workflow does',
    async (runtime, language, skeleton, label) => {
      const { ctx, workspacePath } = await context({
        input: {
          ...INPUT,
          runtime,
          language,
          skeleton: `./skeletons/${skeleton}`,
        },
        templateUrl: pathToFileURL(TEMPLATE).href,
      });
      await action.handler(ctx);

      const readme = await readFile(join(workspacePath, 'README.md'), 'utf8');
      expect(readme).toContain(`A WebAssembly function (${label})`);
      const told = [...readme.matchAll(/^\| `([^`]+)` \|/gm)].map(
        ([, path]) => path,
      );
      expect(
        told.filter(path => !existsSync(join(workspacePath, path))),
      ).toEqual(['module.wasm']);
      const shells = [...readme.matchAll(/```sh\n([^`]*)\n```/g)].map(
        ([, commands]) => commands,
      );
      const { jobs } = parse(
        await readFile(
          join(workspacePath, '.github/workflows/build.yaml'),
          'utf8',
        ),
      );
      const runs = new Map(
        jobs.build.steps.map((step: { name: string; run: string }) => [
          step.name,
          step.run,
        ]),
      );
      expect(shells).toEqual([
        runs.get('Test'),
        runs.get('Build'),
        'wasmtime serve -Scli --env GREETING=Hello module.wasm',
      ]);
      expect(runs.get('Push')).toContain('oci push');
    },
  );

  it('tells nothing of a skeleton that it does not know, and keeps its workflow', async () => {
    template.addContent({
      skeletons: {
        other: {
          'main.js': '',
          '.github': { workflows: { 'build.yaml': 'theirs' } },
        },
      },
    });
    const { ctx, workspacePath } = await context({
      input: { ...INPUT, skeleton: './skeletons/other' },
      templateUrl: pathToFileURL(template.resolve('template.yaml')).href,
    });
    await action.handler(ctx);

    const read = (name: string) => readFile(join(workspacePath, name), 'utf8');
    expect(await read('.github/workflows/build.yaml')).toBe('theirs');
    expect(await read('README.md')).not.toContain('answer.js');
  });

  it('names the languages there are when asked for another', async () => {
    const { ctx } = await context({ input: { ...INPUT, language: 'Elm' } });
    await expect(action.handler(ctx)).rejects.toMatchObject({
      code: 'RUNTIME_UNKNOWN',
      message: expect.stringContaining("There is no js-wasi in 'Elm'."),
      remedy: 'Choose one of JavaScript, TypeScript.',
    });
  });

  it('writes no workflow through a link that leads elsewhere', async () => {
    template.addContent({ elsewhere: {} });
    const elsewhere = template.resolve('elsewhere');
    const { ctx, workspacePath } = await context({ input: INPUT });
    await writeFile(join(workspacePath, 'answer.js'), '');
    await symlink(elsewhere, join(workspacePath, '.github'));

    await expect(action.handler(ctx)).rejects.toMatchObject({
      code: 'SOURCE_PATH_ESCAPES',
      message: expect.stringContaining('a link in place of .github.'),
    });
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it('names the runtimes there are when asked for another', async () => {
    const { ctx } = await context({ input: { ...INPUT, runtime: 'cobol' } });
    await expect(action.handler(ctx)).rejects.toMatchObject({
      code: 'RUNTIME_UNKNOWN',
      message: expect.stringMatching(/^There is no runtime 'cobol'\. Choose/),
      remedy: expect.stringContaining('js-wasi'),
    });
  });

  it('refuses a name that the catalog has already', async () => {
    const { ctx } = await context({ input: { ...INPUT, name: 'taken' } });
    await expect(action.handler(ctx)).rejects.toMatchObject({
      name: 'ConflictError',
      message:
        'The catalog has component:default/taken already. Choose another name.',
    });
  });

  it('reports bad inputs all at once and writes nothing', async () => {
    const { ctx, workspacePath } = await context({
      input: {
        ...INPUT,
        name: 'Not A Name',
        registry: 'ghcr.io/My-Team',
        network: { tcp: { connect: ['nonsense'] } },
      },
    });
    const error = await action.handler(ctx).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'InputError' });
    expect((error as { findings: unknown[] }).findings).toHaveLength(3);
    await expect(readFile(join(workspacePath, 'func.yaml'))).rejects.toThrow(
      'ENOENT',
    );
  });

  it('keeps an input that looks like YAML as the text it is', async () => {
    const { ctx, workspacePath } = await context({
      input: {
        ...INPUT,
        description: 'x\nspec:\n  owner: group:default/admins',
      },
    });
    await action.handler(ctx);
    const entity = parse(
      await readFile(join(workspacePath, 'catalog-info.yaml'), 'utf8'),
    );
    expect(entity.spec.owner).toBe('group:default/team-a');
    expect(entity.metadata.description).toContain('group:default/admins');
  });

  it.each(action.examples ?? [])(
    'example runs: $description',
    async ({ example }) => {
      const { ctx, outputs } = await context({
        input: { ...INPUT, ...parse(example).steps[0].input },
      });
      await action.handler(ctx);
      expect(outputs.entityRef).toMatch(/^component:default\//);
    },
  );
});
