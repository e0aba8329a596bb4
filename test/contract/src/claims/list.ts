import { TABLE, wasmModule, type Answer, type Scene } from '../Scene';

export function describeList(scene: Scene) {
  const { send, create } = scene;
  describe('list', () => {
    const names = (body: Answer) =>
      body.items.map((item: Answer) => item.metadata.name);

    it.each([
      ['a=1', ['one', 'two']],
      ['a==1,b', ['two']],
      ['a!=1', ['none', 'three']],
      ['a in (1,2)', ['one', 'three', 'two']],
      ['a notin (1)', ['none', 'three']],
      ['!a', ['none']],
    ])('selects by labels: %s', async (selector, expected) => {
      const labels: Record<string, Record<string, string>> = {
        one: { a: '1' },
        two: { a: '1', b: '' },
        three: { a: '2' },
        none: {},
      };
      for (const [name, of] of Object.entries(labels)) {
        await send('POST', scene.modules, {
          body: { ...wasmModule(name), metadata: { name, labels: of } },
        });
      }
      const { body } = await send(
        'GET',
        `${scene.modules}?labelSelector=${encodeURIComponent(selector)}`,
      );
      expect(names(body)).toEqual(expected);
    });

    it('selects by name, and refuses a field that cannot be selected', async () => {
      await create('one');
      await create('two');
      const { body } = await send(
        'GET',
        `${scene.modules}?fieldSelector=metadata.name%3Dtwo`,
      );
      expect(names(body)).toEqual(['two']);
      const refused = await send(
        'GET',
        `${scene.modules}?fieldSelector=spec.image%3Dx`,
      );
      expect([refused.code, refused.body.message]).toEqual([
        400,
        expect.stringContaining('field label not supported: spec.image'),
      ]);
    });

    it('selects events by what they are about', async () => {
      const events = `/api/v1/namespaces/${scene.namespace}/events`;
      for (const name of ['one', 'two']) {
        await send('POST', events, {
          body: {
            metadata: { name: `${name}.1` },
            involvedObject: {
              kind: 'WasmModule',
              name,
              namespace: scene.namespace,
            },
            reason: 'Created',
            type: 'Normal',
          },
        });
      }
      const { body } = await send(
        'GET',
        `${events}?fieldSelector=${encodeURIComponent(
          `involvedObject.name=two,involvedObject.namespace=${scene.namespace},involvedObject.kind=WasmModule`,
        )}`,
      );
      expect(names(body)).toEqual(['two.1']);
    });

    it('gives pages of one state, whatever happens in between', async () => {
      for (const name of ['a', 'b', 'c', 'd']) {
        await create(name);
      }
      const first = await send('GET', `${scene.modules}?limit=2`);
      await send('DELETE', `${scene.modules}/c`);
      await create('bb');
      const second = await send(
        'GET',
        `${scene.modules}?limit=2&continue=${encodeURIComponent(
          first.body.metadata.continue,
        )}`,
      );
      expect([...names(first.body), ...names(second.body)]).toEqual([
        'a',
        'b',
        'c',
        'd',
      ]);
      expect(first.body.metadata.remainingItemCount).toBe(2);
      expect(second.body.metadata.continue ?? '').toBe('');
      expect(second.body.metadata.resourceVersion).toBe(
        first.body.metadata.resourceVersion,
      );
    });

    it('prints the columns of the definition', async () => {
      const one = await create('one');
      await send('PUT', `${scene.modules}/one/status`, {
        body: {
          ...one,
          status: {
            address: { url: 'http://one.example' },
            conditions: [
              { type: 'Other', status: 'True' },
              { type: 'Ready', status: 'False', reason: 'Starting' },
            ],
          },
        },
      });
      const { body } = await send('GET', scene.modules, { accept: TABLE });
      expect(body.kind).toBe('Table');
      expect(body.columnDefinitions.map((one_: Answer) => one_.name)).toEqual([
        'Name',
        'Address',
        'Ready',
        'Reason',
      ]);
      expect(body.rows[0].cells).toEqual([
        'one',
        'http://one.example',
        'False',
        'Starting',
      ]);
      expect(body.rows[0].object.kind).toBe('PartialObjectMetadata');
    });

    it('gives nothing but metadata where asked', async () => {
      await create('one');
      const { body } = await send('GET', scene.modules, {
        accept:
          'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
      });
      expect(body.kind).toBe('PartialObjectMetadataList');
      expect(Object.keys(body.items[0]).sort()).toEqual([
        'apiVersion',
        'kind',
        'metadata',
      ]);
    });
  });
}
