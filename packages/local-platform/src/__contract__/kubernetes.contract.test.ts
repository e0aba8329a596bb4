import { EventEmitter, once } from 'node:events';
import {
  CustomObjectsApi,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  type KubernetesObject,
} from '@kubernetes/client-node';
import { call, WatchedEvents, type Answer } from './apiClient';
import { assets, startKubeApiserverTarget } from './kubeApiserverTarget';
import { startLocalTarget, type KubernetesTarget } from './kubernetesTarget';

const GROUP = '/apis/wasm.serving.knative.dev/v1alpha1';
const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

describe('Kubernetes contract of the embedded API', () => {
  contract(startLocalTarget);
});

(assets ? describe : describe.skip)(
  'Kubernetes contract of a real kube-apiserver (tool: KUBEBUILDER_ASSETS)',
  () => {
    contract(startKubeApiserverTarget);
  },
);

function contract(start: () => Promise<KubernetesTarget>) {
  let target: KubernetesTarget;
  let namespace: string;
  let modules: string;

  const module = (name: string, spec: object = { image: 'example/one' }) => ({
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: { name },
    spec,
  });
  const send = async (
    method: string,
    path: string,
    options: Parameters<typeof call>[3] = {},
  ) => call(target, method, path, options);
  const create = async (name: string, spec?: object): Promise<Answer> => {
    const { code, body } = await send('POST', modules, {
      body: module(name, spec),
    });
    expect(code).toBe(201);
    return body;
  };
  const applyAs = (manager: string, body: object, query = '') =>
    send(
      'PATCH',
      `${modules}/${
        (body as { metadata: { name: string } }).metadata.name
      }?fieldManager=${manager}${query}`,
      { body, contentType: APPLY },
    );
  const owners = (object: Answer) =>
    Object.fromEntries(
      object.metadata.managedFields.map((entry: Answer) => [
        `${entry.manager} ${entry.operation}${
          entry.subresource ? ` ${entry.subresource}` : ''
        }`,
        entry.fieldsV1,
      ]),
    );
  const client = () => {
    const config = new KubeConfig();
    config.loadFromString(target.kubeconfig);
    return config;
  };

  beforeAll(async () => {
    target = await start();
  }, 120_000);
  afterAll(async () => {
    await target?.close();
  });
  beforeEach(async () => {
    const { body } = await send('POST', '/api/v1/namespaces', {
      body: { metadata: { generateName: 'contract-' } },
    });
    namespace = body.metadata.name;
    modules = `${GROUP}/namespaces/${namespace}/wasmmodules`;
  });

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
        `${GROUP}/namespaces/${namespace}/gadgets`,
      );
      expect(code).toBe(404);
      expect(typeof body === 'string' ? body : body.reason).toMatch(
        /NotFound|404 page not found/,
      );
    });
  });

  describe('create', () => {
    it('gives identity, and counts the first generation', async () => {
      const created = await create('one');
      expect(created).toMatchObject({
        apiVersion: 'wasm.serving.knative.dev/v1alpha1',
        kind: 'WasmModule',
        metadata: {
          name: 'one',
          namespace,
          generation: 1,
          uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
          resourceVersion: expect.stringMatching(/^\d+$/),
          creationTimestamp: expect.stringMatching(
            /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
          ),
        },
        spec: { image: 'example/one' },
      });
      expect(
        (await send('GET', `${modules}/one`)).body.metadata.resourceVersion,
      ).toBe(created.metadata.resourceVersion);
    });

    it('completes a generated name', async () => {
      const { body } = await send('POST', modules, {
        body: { ...module(''), metadata: { generateName: 'one-' } },
      });
      expect(body.metadata.name).toMatch(/^one-[a-z0-9]{5}$/);
    });

    it('ignores a status that is sent along', async () => {
      const { body } = await send('POST', modules, {
        body: { ...module('one'), status: { observedGeneration: 7 } },
      });
      expect(body.status).toBeUndefined();
    });

    it('refuses a name that is taken', async () => {
      await create('one');
      const { code, body } = await send('POST', modules, {
        body: module('one'),
      });
      expect(code).toBe(409);
      expect(body).toMatchObject({
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        reason: 'AlreadyExists',
        code: 409,
        message: 'wasmmodules.wasm.serving.knative.dev "one" already exists',
      });
    });

    it('refuses a namespace that does not exist', async () => {
      const { code, body } = await send(
        'POST',
        `${GROUP}/namespaces/nowhere/wasmmodules`,
        { body: module('one') },
      );
      expect([code, body.reason, body.message]).toEqual([
        404,
        'NotFound',
        'namespaces "nowhere" not found',
      ]);
    });

    it.each([
      ['Upper', /a lowercase RFC 1123 subdomain must consist of/],
      ['under_score', /a lowercase RFC 1123 subdomain must consist of/],
      ['-dash', /a lowercase RFC 1123 subdomain must consist of/],
      ['x'.repeat(254), /must be no more than 253/],
    ])('refuses the name %p', async (name, message) => {
      const { code, body } = await send('POST', modules, {
        body: module(name),
      });
      expect([code, body.reason]).toEqual([422, 'Invalid']);
      expect(body.message).toMatch(message);
      expect(body.details.causes[0].field).toBe('metadata.name');
    });

    it('names every fault of the spec at once', async () => {
      const { code, body } = await send('POST', modules, {
        body: module('one', {
          args: 'text',
          env: [{ value: 'x' }],
        }),
      });
      expect(code).toBe(422);
      expect(body.reason).toBe('Invalid');
      expect(
        Object.fromEntries(
          body.details.causes.map((cause: Answer) => [
            cause.field,
            cause.reason,
          ]),
        ),
      ).toMatchObject({
        'spec.image': 'FieldValueRequired',
        'spec.args': 'FieldValueTypeInvalid',
        'spec.env[0].name': 'FieldValueRequired',
      });
    });

    it('fills in defaults of the schema', async () => {
      const { spec } = await create('one', {
        image: 'example/one',
        env: [{ name: 'A', valueFrom: { secretKeyRef: { key: 'k' } } }],
      });
      expect(spec.env[0].valueFrom.secretKeyRef).toEqual({
        key: 'k',
        name: '',
      });
    });

    it('drops unknown fields and warns of them', async () => {
      const { code, body, headers } = await send('POST', modules, {
        body: module('one', { image: 'example/one', imge: 'x' }),
      });
      expect(code).toBe(201);
      expect(body.spec).toEqual({ image: 'example/one' });
      expect(headers.warning).toBe('299 - "unknown field \\"spec.imge\\""');
    });

    it('refuses unknown fields where asked to be strict', async () => {
      const { code, body } = await send(
        'POST',
        `${modules}?fieldValidation=Strict`,
        { body: module('one', { image: 'example/one', imge: 'x' }) },
      );
      expect([code, body.reason]).toEqual([400, 'BadRequest']);
      expect(body.message).toContain(
        'strict decoding error: unknown field "spec.imge"',
      );
    });

    it('keeps nothing in a dry run', async () => {
      const { code } = await send('POST', `${modules}?dryRun=All`, {
        body: module('one'),
      });
      expect(code).toBe(201);
      expect((await send('GET', `${modules}/one`)).code).toBe(404);
    });
  });

  describe('update', () => {
    it('counts a generation for the spec, not for labels', async () => {
      const one = await create('one');
      const relabelled = await send('PUT', `${modules}/one`, {
        body: { ...one, metadata: { ...one.metadata, labels: { a: 'b' } } },
      });
      expect(relabelled.body.metadata.generation).toBe(1);
      const changed = await send('PUT', `${modules}/one`, {
        body: { ...relabelled.body, spec: { image: 'example/two' } },
      });
      expect(changed.body.metadata.generation).toBe(2);
    });

    it('refuses a stale version', async () => {
      const one = await create('one');
      await send('PUT', `${modules}/one`, {
        body: { ...one, spec: { image: 'example/two' } },
      });
      const { code, body } = await send('PUT', `${modules}/one`, {
        body: { ...one, spec: { image: 'example/three' } },
      });
      expect([code, body.reason, body.message]).toEqual([
        409,
        'Conflict',
        'Operation cannot be fulfilled on wasmmodules.wasm.serving.knative.dev "one": the object has been modified; please apply your changes to the latest version and try again',
      ]);
    });

    it('asks for the version of a custom resource', async () => {
      await create('one');
      const { code, body } = await send('PUT', `${modules}/one`, {
        body: module('one'),
      });
      expect(code).toBe(422);
      expect(body.message).toContain(
        'metadata.resourceVersion: Invalid value: 0',
      );
      expect(body.message).toContain('must be specified for an update');
    });

    it('changes nothing, not even the version, for the same content', async () => {
      const one = await create('one');
      const { body } = await send('PUT', `${modules}/one`, { body: one });
      expect(body.metadata.resourceVersion).toBe(one.metadata.resourceVersion);
    });

    it('keeps status and spec apart', async () => {
      const one = await create('one');
      const status = {
        conditions: [{ type: 'Ready', status: 'True' }],
      };
      const viaStatus = await send('PUT', `${modules}/one/status`, {
        body: { ...one, spec: { image: 'example/ignored' }, status },
      });
      expect(viaStatus.body).toMatchObject({
        metadata: { generation: 1 },
        spec: { image: 'example/one' },
        status,
      });
      const viaMain = await send('PUT', `${modules}/one`, {
        body: {
          ...viaStatus.body,
          spec: { image: 'example/two' },
          status: { conditions: [] },
        },
      });
      expect(viaMain.body).toMatchObject({
        metadata: { generation: 2 },
        spec: { image: 'example/two' },
        status,
      });
    });
  });

  describe('patch', () => {
    it('merges, and removes by null', async () => {
      await create('one', { image: 'example/one', args: ['a'] });
      const { body } = await send('PATCH', `${modules}/one`, {
        contentType: MERGE,
        body: { spec: { args: null, image: 'example/two' } },
      });
      expect(body.spec).toEqual({ image: 'example/two' });
    });

    it('performs the operations of a JSON patch', async () => {
      await create('one', { image: 'example/one', args: ['a', 'b'] });
      const { body } = await send('PATCH', `${modules}/one`, {
        contentType: 'application/json-patch+json',
        body: [
          { op: 'test', path: '/spec/image', value: 'example/one' },
          { op: 'add', path: '/spec/args/-', value: 'c' },
          { op: 'remove', path: '/spec/args/0' },
          { op: 'add', path: '/metadata/labels', value: { 'a/b': 'c' } },
          { op: 'replace', path: '/metadata/labels/a~1b', value: 'd' },
        ],
      });
      expect(body.spec.args).toEqual(['b', 'c']);
      expect(body.metadata.labels).toEqual({ 'a/b': 'd' });
    });

    it('refuses a JSON patch whose test fails', async () => {
      await create('one');
      const { code, body } = await send('PATCH', `${modules}/one`, {
        contentType: 'application/json-patch+json',
        body: [{ op: 'test', path: '/spec/image', value: 'example/else' }],
      });
      expect([code, body.reason]).toEqual([422, 'Invalid']);
    });

    it('has no strategic merge for custom resources', async () => {
      await create('one');
      const { code, body } = await send('PATCH', `${modules}/one`, {
        contentType: 'application/strategic-merge-patch+json',
        body: { spec: { image: 'example/two' } },
      });
      expect([code, body.reason]).toEqual([415, 'UnsupportedMediaType']);
    });

    it('refuses a patch for a version that has passed', async () => {
      const one = await create('one');
      await send('PATCH', `${modules}/one`, {
        contentType: MERGE,
        body: { spec: { image: 'example/two' } },
      });
      const { code, body } = await send('PATCH', `${modules}/one`, {
        contentType: MERGE,
        body: {
          metadata: { resourceVersion: one.metadata.resourceVersion },
          spec: { image: 'example/three' },
        },
      });
      expect([code, body.reason]).toEqual([409, 'Conflict']);
    });

    it('merges the finalizers of a built-in kind strategically', async () => {
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      await send('POST', path, {
        body: {
          metadata: { name: 'one', finalizers: ['example.com/a'] },
          data: { a: '1', b: '2' },
        },
      });
      const patched = await send('PATCH', `${path}/one`, {
        contentType: 'application/strategic-merge-patch+json',
        body: {
          metadata: { finalizers: ['example.com/b'] },
          data: { b: null, c: '3' },
        },
      });
      expect([...patched.body.metadata.finalizers].sort()).toEqual([
        'example.com/a',
        'example.com/b',
      ]);
      expect(patched.body.data).toEqual({ a: '1', c: '3' });
      await send('PATCH', `${path}/one`, {
        contentType: MERGE,
        body: { metadata: { finalizers: null } },
      });
    });
  });

  describe('server-side apply', () => {
    it('creates, and owns what it sets', async () => {
      const { code, body } = await applyAs('portal', {
        ...module('one', { image: 'example/one', args: ['a'] }),
        metadata: { name: 'one', labels: { a: 'b' } },
      });
      expect(code).toBe(201);
      expect(owners(body)).toEqual({
        'portal Apply': {
          'f:metadata': { 'f:labels': { 'f:a': {} } },
          'f:spec': { 'f:args': {}, 'f:image': {} },
        },
      });
    });

    it('is safe to repeat', async () => {
      const first = await applyAs('portal', module('one'));
      const second = await applyAs('portal', module('one'));
      expect(second.code).toBe(200);
      expect(second.body.metadata.resourceVersion).toBe(
        first.body.metadata.resourceVersion,
      );
    });

    it('removes what its manager no longer names', async () => {
      await applyAs(
        'portal',
        module('one', { image: 'example/one', args: ['a'] }),
      );
      const { body } = await applyAs('portal', module('one'));
      expect(body.spec).toEqual({ image: 'example/one' });
    });

    it('keeps what another manager owns too', async () => {
      const spec = { image: 'example/one', args: ['a'] };
      await applyAs('portal', module('one', spec));
      await applyAs('other', module('one', spec));
      const { body } = await applyAs('portal', module('one'));
      expect(body.spec).toEqual(spec);
      expect(owners(body)['other Apply']).toEqual({
        'f:spec': { 'f:args': {}, 'f:image': {} },
      });
    });

    it('refuses to change what another manager applied', async () => {
      await applyAs('portal', module('one'));
      const { code, body } = await applyAs(
        'other',
        module('one', { image: 'example/two' }),
      );
      expect([code, body.reason]).toEqual([409, 'Conflict']);
      expect(body.message).toBe(
        'Apply failed with 1 conflict: conflict with "portal": .spec.image',
      );
      expect(body.details.causes).toEqual([
        {
          reason: 'FieldManagerConflict',
          message: 'conflict with "portal"',
          field: '.spec.image',
        },
      ]);
    });

    it('takes over by force', async () => {
      await applyAs('portal', module('one'));
      const { code, body } = await applyAs(
        'other',
        module('one', { image: 'example/two' }),
        '&force=true',
      );
      expect([code, body.spec.image]).toEqual([200, 'example/two']);
      expect(Object.keys(owners(body))).toEqual(['other Apply']);
    });

    it('refuses to change what an update has set', async () => {
      await applyAs('portal', module('one'));
      await send('PATCH', `${modules}/one?fieldManager=editor`, {
        contentType: MERGE,
        body: { spec: { image: 'example/two' } },
      });
      const { code, body } = await applyAs('portal', module('one'));
      expect(code).toBe(409);
      expect(body.message).toMatch(
        /^Apply failed with 1 conflict: conflict with "editor" using wasm\.serving\.knative\.dev\/v1alpha1.*: \.spec\.image$/,
      );
    });

    it('leaves the status to those who write it', async () => {
      await applyAs('portal', module('one'));
      const one = (await send('GET', `${modules}/one`)).body;
      await send('PUT', `${modules}/one/status?fieldManager=controller`, {
        body: { ...one, status: { observedGeneration: 1 } },
      });
      const { body } = await applyAs(
        'portal',
        module('one', { image: 'example/two' }),
      );
      expect(body.status).toEqual({ observedGeneration: 1 });
      expect(Object.keys(owners(body)).sort()).toEqual([
        'controller Update status',
        'portal Apply',
      ]);
    });

    it('wants to know who applies', async () => {
      const { code, body } = await send('PATCH', `${modules}/one`, {
        body: module('one'),
        contentType: APPLY,
      });
      expect(code).toBe(422);
      expect(body.message).toContain('fieldManager: Required value');
    });

    it('keeps nothing in a dry run', async () => {
      await applyAs('portal', module('one'), '&dryRun=All');
      expect((await send('GET', `${modules}/one`)).code).toBe(404);
    });
  });

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
        await send('POST', modules, {
          body: { ...module(name), metadata: { name, labels: of } },
        });
      }
      const { body } = await send(
        'GET',
        `${modules}?labelSelector=${encodeURIComponent(selector)}`,
      );
      expect(names(body)).toEqual(expected);
    });

    it('selects by name, and refuses a field that cannot be selected', async () => {
      await create('one');
      await create('two');
      const { body } = await send(
        'GET',
        `${modules}?fieldSelector=metadata.name%3Dtwo`,
      );
      expect(names(body)).toEqual(['two']);
      const refused = await send(
        'GET',
        `${modules}?fieldSelector=spec.image%3Dx`,
      );
      expect([refused.code, refused.body.message]).toEqual([
        400,
        expect.stringContaining('field label not supported: spec.image'),
      ]);
    });

    it('selects events by what they are about', async () => {
      const events = `/api/v1/namespaces/${namespace}/events`;
      for (const name of ['one', 'two']) {
        await send('POST', events, {
          body: {
            metadata: { name: `${name}.1` },
            involvedObject: { kind: 'WasmModule', name, namespace },
            reason: 'Created',
            type: 'Normal',
          },
        });
      }
      const { body } = await send(
        'GET',
        `${events}?fieldSelector=${encodeURIComponent(
          `involvedObject.name=two,involvedObject.namespace=${namespace},involvedObject.kind=WasmModule`,
        )}`,
      );
      expect(names(body)).toEqual(['two.1']);
    });

    it('gives pages of one state, whatever happens in between', async () => {
      for (const name of ['a', 'b', 'c', 'd']) {
        await create(name);
      }
      const first = await send('GET', `${modules}?limit=2`);
      await send('DELETE', `${modules}/c`);
      await create('bb');
      const second = await send(
        'GET',
        `${modules}?limit=2&continue=${encodeURIComponent(
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
      await send('PUT', `${modules}/one/status`, {
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
      const { body } = await send('GET', modules, { accept: TABLE });
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
      const { body } = await send('GET', modules, {
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

  describe('watch', () => {
    let watch: WatchedEvents | undefined;
    const open = async (query: string, accept?: string) => {
      watch = await WatchedEvents.open(
        target,
        `${modules}?watch=true&${query}`,
        { accept },
      );
      return watch;
    };
    const told = ({ type, object }: Answer) => [
      type,
      object.metadata.name,
      object.metadata.labels?.a,
    ];
    const label = (name: string, value: string | null) =>
      send('PATCH', `${modules}/${name}`, {
        contentType: MERGE,
        body: { metadata: { labels: { a: value } } },
      });
    afterEach(() => watch?.close());

    it('goes on from a version', async () => {
      const one = await create('one');
      await create('two');
      const events = await open(
        `resourceVersion=${one.metadata.resourceVersion}`,
      );
      await label('one', '1');
      await send('DELETE', `${modules}/two`);
      expect(told(await events.next())).toEqual(['ADDED', 'two', undefined]);
      expect(told(await events.next())).toEqual(['MODIFIED', 'one', '1']);
      expect(told(await events.next())).toEqual(['DELETED', 'two', undefined]);
    });

    it('tells first what exists where no version is given', async () => {
      await create('one');
      const events = await open('');
      expect(told(await events.next())).toEqual(['ADDED', 'one', undefined]);
      await create('two');
      expect(told(await events.next())).toEqual(['ADDED', 'two', undefined]);
    });

    it('tells of objects that come into and go out of a selection', async () => {
      const one = await create('one');
      const events = await open(
        `labelSelector=a%3D1&resourceVersion=${one.metadata.resourceVersion}`,
      );
      await label('one', '1');
      await label('one', '2');
      await label('one', null);
      await label('one', '1');
      expect(told(await events.next())).toEqual(['ADDED', 'one', '1']);
      expect((await events.next()).type).toBe('DELETED');
      expect(told(await events.next())).toEqual(['ADDED', 'one', '1']);
    });

    it('streams what exists, then says that this is all of it', async () => {
      await create('one');
      const events = await open(
        'sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan',
      );
      expect(told(await events.next())).toEqual(['ADDED', 'one', undefined]);
      const bookmark = await events.next();
      expect(bookmark.type).toBe('BOOKMARK');
      expect(bookmark.object.kind).toBe('WasmModule');
      expect(bookmark.object.metadata.annotations).toEqual({
        'k8s.io/initial-events-end': 'true',
      });
    });

    it('ends at the timeout that was asked for', async () => {
      const events = await open('timeoutSeconds=1');
      expect(await events.next()).toBeUndefined();
    });

    it('prints rows, and the columns once', async () => {
      await create('one');
      const events = await open('', TABLE);
      const first = await events.next();
      await label('one', '1');
      const second = await events.next();
      expect(first.object.columnDefinitions).toHaveLength(4);
      expect(second.object.columnDefinitions ?? []).toEqual([]);
      expect(second.object.rows[0].cells[0]).toBe('one');
    });
  });

  describe('delete', () => {
    it('removes, and says what', async () => {
      const one = await create('one');
      const { code, body } = await send('DELETE', `${modules}/one`, {
        body: { propagationPolicy: 'Background' },
      });
      expect(code).toBe(200);
      expect(body).toMatchObject({
        kind: 'Status',
        status: 'Success',
        details: {
          name: 'one',
          group: 'wasm.serving.knative.dev',
          kind: 'wasmmodules',
          uid: one.metadata.uid,
        },
      });
      const gone = await send('GET', `${modules}/one`);
      expect([gone.code, gone.body.message]).toEqual([
        404,
        'wasmmodules.wasm.serving.knative.dev "one" not found',
      ]);
    });

    it('waits for finalizers', async () => {
      await send('POST', modules, {
        body: {
          ...module('one'),
          metadata: { name: 'one', finalizers: ['example.com/wait'] },
        },
      });
      const { body } = await send('DELETE', `${modules}/one`);
      expect(body.metadata.deletionTimestamp).toMatch(/Z$/);
      expect((await send('GET', `${modules}/one`)).code).toBe(200);
      const added = await send('PATCH', `${modules}/one`, {
        contentType: MERGE,
        body: {
          metadata: { finalizers: ['example.com/wait', 'example.com/more'] },
        },
      });
      expect([added.code, added.body.message]).toEqual([
        422,
        expect.stringContaining('no new finalizers can be added'),
      ]);
      await send('PATCH', `${modules}/one`, {
        contentType: MERGE,
        body: { metadata: { finalizers: null } },
      });
      expect((await send('GET', `${modules}/one`)).code).toBe(404);
    });

    it('refuses another object of the same name', async () => {
      await create('one');
      const { code, body } = await send('DELETE', `${modules}/one`, {
        body: {
          preconditions: { uid: '00000000-0000-0000-0000-000000000000' },
        },
      });
      expect([code, body.reason]).toEqual([409, 'Conflict']);
      expect(body.message).toContain('Precondition failed: UID');
      expect((await send('GET', `${modules}/one`)).code).toBe(200);
    });

    it('removes the selected ones of a collection', async () => {
      await create('one');
      await send('POST', modules, {
        body: {
          ...module('two'),
          metadata: { name: 'two', labels: { a: '1' } },
        },
      });
      await send('DELETE', `${modules}?labelSelector=a%3D1`);
      const { body } = await send('GET', modules);
      expect(body.items.map((item: Answer) => item.metadata.name)).toEqual([
        'one',
      ]);
    });
  });

  describe('@kubernetes/client-node', () => {
    it('creates, reads, patches, replaces, lists and deletes', async () => {
      const objects = KubernetesObjectApi.makeApiClient(client());
      const created = await objects.create({
        ...module('one'),
        metadata: { name: 'one', namespace },
      } as KubernetesObject);
      expect(created.metadata!.uid).toBeTruthy();
      const reference = {
        apiVersion: created.apiVersion!,
        kind: created.kind!,
        metadata: { name: 'one', namespace },
      };
      const read = (await objects.read(reference)) as Answer;
      expect(read.spec).toEqual({ image: 'example/one' });
      const replaced = (await objects.replace({
        ...read,
        spec: { image: 'example/two' },
      })) as Answer;
      expect(replaced.metadata.generation).toBe(2);
      const applied = (await objects.patch(
        {
          ...module('one', { image: 'example/three' }),
          metadata: { name: 'one', namespace },
        } as KubernetesObject,
        undefined,
        undefined,
        'portal',
        true,
        PatchStrategy.ServerSideApply,
      )) as Answer;
      expect(applied.spec.image).toBe('example/three');
      const list = await objects.list(
        reference.apiVersion,
        reference.kind,
        namespace,
      );
      expect(list.items.map(item => item.metadata!.name)).toEqual(['one']);
      await objects.delete(reference);
      await expect(objects.read(reference)).rejects.toMatchObject({
        code: 404,
      });
    });

    it('follows changes with an informer', async () => {
      const custom = client().makeApiClient(CustomObjectsApi);
      const informer = makeInformer(client(), modules, () =>
        custom.listNamespacedCustomObject({
          group: 'wasm.serving.knative.dev',
          version: 'v1alpha1',
          namespace,
          plural: 'wasmmodules',
        }),
      );
      const seen: string[] = [];
      const heard = new EventEmitter();
      const note = (verb: string) => (object: KubernetesObject) => {
        seen.push(`${verb} ${object.metadata!.name}`);
        heard.emit('change');
      };
      informer.on('add', note('add'));
      informer.on('update', note('update'));
      informer.on('delete', note('delete'));
      const until = async (last: string) => {
        while (!seen.includes(last)) {
          await once(heard, 'change');
        }
      };
      await create('one');
      await informer.start();
      await until('add one');
      await create('two');
      await until('add two');
      await send('PATCH', `${modules}/two`, {
        contentType: MERGE,
        body: { spec: { image: 'example/two' } },
      });
      await until('update two');
      await send('DELETE', `${modules}/one`);
      await until('delete one');
      await informer.stop();
      expect(seen).toEqual(['add one', 'add two', 'update two', 'delete one']);
    });
  });
}
