import { GROUP, type Answer, type Scene } from '../Scene';

export function describeDiscovery(scene: Scene) {
  const { send } = scene;
  describe('discovery', () => {
    it('tells the resources of the group', async () => {
      const { body } = await send('GET', GROUP);
      expect(body.groupVersion).toBe('wasm.serving.knative.dev/v1alpha1');
      expect(body.resources[0]).toMatchObject({
        name: 'wasmmodules',
        singularName: 'wasmmodule',
        namespaced: true,
        kind: 'WasmModule',
        shortNames: ['wasm'],
      });
      expect([...body.resources[0].verbs].sort()).toEqual([
        'create',
        'delete',
        'deletecollection',
        'get',
        'list',
        'patch',
        'update',
        'watch',
      ]);
      expect(body.resources[1].name).toBe('wasmmodules/status');
    });

    it('tells all groups in one document where asked', async () => {
      const { body, headers } = await send('GET', '/apis', {
        accept:
          'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json',
      });
      expect(headers['content-type']).toContain('as=APIGroupDiscoveryList');
      const group = body.items.find(
        (item: Answer) => item.metadata.name === 'wasm.serving.knative.dev',
      );
      expect(group.versions[0].resources[0]).toMatchObject({
        resource: 'wasmmodules',
        scope: 'Namespaced',
        responseKind: {
          group: 'wasm.serving.knative.dev',
          kind: 'WasmModule',
          version: 'v1alpha1',
        },
      });
    });

    it('describes every field in OpenAPI v3', async () => {
      const index = await send('GET', '/openapi/v3');
      const path = GROUP.slice(1);
      const { body } = await send(
        'GET',
        index.body.paths[path].serverRelativeURL,
      );
      const schema =
        body.components.schemas['dev.knative.serving.wasm.v1alpha1.WasmModule'];
      expect(schema['x-kubernetes-group-version-kind']).toEqual([
        {
          group: 'wasm.serving.knative.dev',
          kind: 'WasmModule',
          version: 'v1alpha1',
        },
      ]);
      expect(
        Object.keys(schema.properties.spec.properties.network.properties),
      ).toEqual(['allowIpNameLookup', 'inherit', 'tcp', 'udp']);
    });

    it('answers 404 for a resource that it does not have', async () => {
      const { code, body } = await send(
        'GET',
        `${GROUP}/namespaces/${scene.namespace}/gadgets`,
      );
      expect(code).toBe(404);
      expect(typeof body === 'string' ? body : body.reason).toMatch(
        /NotFound|404 page not found/,
      );
    });
  });
}
