import { wasiPermissions } from '@wasi-functions/backstage-plugin-wasi-common';
import { createRouter, type RouterOptions } from './router';
import { openApiDocument } from './schema/openApiDocument';

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
}

describe('the OpenAPI description', () => {
  it('describes each route, and nothing else', () => {
    const { stack } = createRouter({} as RouterOptions) as unknown as {
      stack: Layer[];
    };
    const routes = stack.flatMap(({ route }) =>
      route
        ? Object.keys(route.methods).map(
            method =>
              `${method} ${route.path.replace(
                /:(\w+)/g,
                (_, name) => `{${name}}`,
              )}`,
          )
        : [],
    );

    const described = Object.entries(openApiDocument.paths).flatMap(
      ([path, item]) =>
        Object.keys(item)
          .filter(key => key !== 'parameters')
          .map(method => `${method} ${path}`),
    );

    expect(described.sort()).toEqual(routes.sort());
  });

  it('refers only to schemas that it has, and uses each of them', () => {
    const text = JSON.stringify(openApiDocument);
    const referred = new Set(
      [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(
        ([, name]) => name,
      ),
    );

    expect([...referred].sort()).toEqual(
      Object.keys(openApiDocument.components.schemas).sort(),
    );
  });

  it('names each path parameter of each path', () => {
    for (const [path, item] of Object.entries(openApiDocument.paths)) {
      const named = ((item.parameters ?? []) as { name: string }[]).map(
        ({ name }) => name,
      );
      expect([path, named]).toEqual([
        path,
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      ]);
    }
  });

  it('names each permission of the plugin', () => {
    const text = JSON.stringify(openApiDocument);

    expect(
      wasiPermissions.filter(({ name }) => !text.includes(`\`${name}\``)),
    ).toEqual([]);
  });
});
