import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { findRuntime } from '@wasi-functions/backstage-plugin-wasi-common';
import { parse } from 'yaml';
import { hostileTexts } from './__testUtils__/hostileTexts';

describe('the templates', () => {
  const load = async (name: string) =>
    parse(
      await readFile(
        resolve(__dirname, '../../../templates', name, 'template.yaml'),
        'utf8',
      ),
    ).spec;

  const programs = ['krm-function', 'wasi-command', 'wasi-image'];

  it.each(['wasi-function', 'wasi-prebuilt', ...programs])(
    '%s refuses each of these as a name, before any step',
    async name => {
      const [{ properties }] = (await load(name)).parameters;

      expect(
        hostileTexts.filter(
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

  it('wasi-function offers every runtime that has a skeleton, in each of its languages', async () => {
    const [{ properties, dependencies }] = (await load('wasi-function'))
      .parameters;
    const skeletons = await readdir(
      resolve(__dirname, '../../../templates/wasi-function/skeletons'),
    );
    const [{ properties: whereJs }] = dependencies.runtime.oneOf;
    const { language, variants } = findRuntime(whereJs.runtime.const)!;

    expect(whereJs.language.enum).toEqual([
      language,
      ...variants!.map(each => each.language),
    ]);
    expect(
      [
        ...properties.runtime['ui:options'].runtimes,
        ...variants!.map(
          each => `${whereJs.runtime.const}-${each.language.toLowerCase()}`,
        ),
      ].sort(),
    ).toEqual(skeletons.sort());
  });

  it.each(programs)(
    '%s writes what was typed into YAML as quoted values alone',
    async name => {
      const folder = resolve(
        __dirname,
        '../../../templates',
        name,
        'repository',
      );
      const files = (await readdir(folder)).filter(file =>
        /\.ya?ml$/.test(file),
      );
      const typed: string[] = [];
      for (const file of files) {
        const text = await readFile(resolve(folder, file), 'utf8');
        typed.push(...(text.match(/\$\{\{.*?\}\}/g) ?? []));
      }

      expect(files).toContain('catalog-info.yaml');
      expect(
        typed.filter(
          text =>
            !/\| dump \}\}$/.test(text) &&
            // A choice between texts of the template, or a number.
            !/^\$\{\{ ('[^']*' if .* else '[^']*'|loop\.index) \}\}$/.test(
              text,
            ),
        ),
      ).toEqual([]);
    },
  );

  it.each(programs)(
    '%s pushes the module that it built, and by no shell',
    async name => {
      const { steps } = await load(name);

      expect(steps.map(({ action }: { action: string }) => action)).toEqual(
        expect.arrayContaining([
          'fetch:template',
          'wasi:repository:publish',
          'wasi:module:push',
          'catalog:register',
        ]),
      );
      const push = steps.find(
        ({ action }: { action: string }) => action === 'wasi:module:push',
      );
      expect(push.input.modulePath).toMatch(
        /^(\$\{\{ steps\.build\.output\.modulePath \}\}|dist\/module\.wasm)$/,
      );
    },
  );
});
