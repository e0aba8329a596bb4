import { startLocalTarget } from '@wasi-functions/local-platform/testing';
import { builtInRequests } from './builtInRequests';
import { assets, startKubeApiserverTarget } from './kubeApiserverTarget';
import type { Request } from './Request';
import {
  APPLY,
  GROUP,
  JSON_PATCH,
  MERGE,
  Scene,
  TABLE,
  wasmModule,
  type Answer,
} from './Scene';

jest.setTimeout(60_000);

const get = (path: string, accept?: string): Request => ({
  method: 'GET',
  path,
  accept,
});
const post = (body: unknown, query = ''): Request => ({
  method: 'POST',
  path: query,
  body,
});
const patch = (
  contentType: string,
  body: unknown,
  query = '',
  name = 'one',
): Request => ({
  method: 'PATCH',
  path: `/${name}${query}`,
  body,
  contentType,
});
const merge = (body: unknown, query = '') => patch(MERGE, body, query);
const apply = (body: object, query = '?fieldManager=other') =>
  patch(APPLY, { ...wasmModule('one'), ...body }, query);
const destroy = (path: string, body?: unknown): Request => ({
  method: 'DELETE',
  path,
  body,
});
const spec = (more: object) => wasmModule('two', { image: 'x', ...more });

/** What a client may ask of the module `one`, which `first` applied, and its neighbours. */
const requests: Record<string, Request> = {
  'a module': get('/one'),
  'a module as a table': get('/one', TABLE),
  'a module as metadata': get(
    '/one',
    'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  ),
  'a module as YAML': get('/one', 'application/yaml'),
  'a module as something else': get('/one', 'text/html'),
  'a module that is not there': get('/gone'),
  'a module of no valid name': get('/No_Name'),
  'its status': get('/one/status'),
  'its scale': get('/one/scale'),
  'a list': get(''),
  'a list as a table': get('', TABLE),
  'a list of one': get('?limit=1'),
  'a list with a negative limit': get('?limit=-1'),
  'a list with a limit that is no number': get('?limit=x'),
  'a list from a wrong continue token': get('?continue=abc'),
  'a list by a wrong selector': get('?labelSelector=a%20b%20c'),
  'a list by a wrong field': get('?fieldSelector=x%3Dy'),
  'a list of a future version': get(
    '?resourceVersion=99999999999&resourceVersionMatch=Exact',
  ),
  'a list of no version': get('?resourceVersion=x'),
  'a list of another version of the group': get(
    '/apis/wasm.serving.knative.dev/v1/wasmmodules',
  ),
  'a list of a namespace that is not there': get(
    `${GROUP}/namespaces/nowhere/wasmmodules`,
  ),
  'a watch from no version': get('?watch=true&resourceVersion=x'),
  'the group': get('/apis/wasm.serving.knative.dev'),
  'the resources of the group': get(GROUP),
  'a path that is not there': get('/apis/nothing.example/v1'),
  'a path above all': get('/nothing'),
  'a module without a name': post({ ...wasmModule('x'), metadata: {} }),
  'a module without a spec': post({ ...wasmModule('two'), spec: undefined }),
  'a module without an image': post(wasmModule('two', {})),
  'a module with a number for its image': post(wasmModule('two', { image: 1 })),
  'a module with an unknown field': post(spec({ imge: 'y' })),
  'a module with an unknown field, strictly': post(
    spec({ imge: 'y' }),
    '?fieldValidation=Strict',
  ),
  'a module with an unknown field, with a warning': post(
    spec({ imge: 'y', args: ['a'] }),
    '?fieldValidation=Warn&dryRun=All',
  ),
  'a module with the same field twice, strictly': post(
    '{"apiVersion":"wasm.serving.knative.dev/v1alpha1","kind":"WasmModule","metadata":{"name":"two"},"spec":{"image":"a","image":"b"}}',
    '?fieldValidation=Strict',
  ),
  'a module of a wrong name': post(wasmModule('No_Name')),
  'a module of a name that is too long': post(wasmModule('x'.repeat(254))),
  'a module with a wrong label': post({
    ...wasmModule('two'),
    metadata: { name: 'two', labels: { 'a b': 'c d' } },
  }),
  'a module with a wrong annotation': post({
    ...wasmModule('two'),
    metadata: { name: 'two', annotations: { 'a b': 'c' } },
  }),
  'a module with a wrong finalizer': post({
    ...wasmModule('two'),
    metadata: { name: 'two', finalizers: ['x'] },
  }),
  'a module with a wrong owner': post({
    ...wasmModule('two'),
    metadata: { name: 'two', ownerReferences: [{ name: 'x' }] },
  }),
  'a module with a version': post({
    ...wasmModule('two'),
    metadata: { name: 'two', resourceVersion: '1' },
  }),
  'a module that is there': post(wasmModule('one')),
  'a module that is no JSON': post('{'),
  'a module that is a list': post('[]'),
  'a module that is empty': post(''),
  'a module of another media type': {
    ...post('x'),
    contentType: 'text/plain',
  },
  'a module as YAML that is sent': {
    ...post(
      'apiVersion: wasm.serving.knative.dev/v1alpha1\nkind: WasmModule\nmetadata: {name: two}\nspec: {image: x}\n',
      '?dryRun=All',
    ),
    contentType: 'application/yaml',
  },
  'a dry run of something': post(wasmModule('two'), '?dryRun=Some'),
  'a manager of a name that is too long': post(
    wasmModule('two'),
    `?fieldManager=${'x'.repeat(129)}&dryRun=All`,
  ),
  'an update without a version': {
    method: 'PUT',
    path: '/one',
    body: wasmModule('one'),
  },
  'an update of what is not there': {
    method: 'PUT',
    path: '/gone',
    body: wasmModule('gone'),
  },
  'a merge of a wrong type': merge({ spec: { args: 'x' } }),
  'a merge of an unknown field, strictly': merge(
    { spec: { imge: 'x' } },
    '?fieldValidation=Strict',
  ),
  'a merge that takes the image away': merge({ spec: { image: null } }),
  'a merge of the name': merge({ metadata: { name: 'two' } }),
  'a merge of the namespace': merge({ metadata: { namespace: 'default' } }),
  'a merge of the kind': merge({ kind: 'Other' }),
  'a merge of the uid': merge({ metadata: { uid: 'other' } }),
  'a merge that is no object': patch(MERGE, '1'),
  'a merge that is no JSON': patch(MERGE, '{'),
  'a merge of what is not there': patch(MERGE, {}, '', 'gone'),
  'a JSON patch of a path that is not there': patch(JSON_PATCH, [
    { op: 'remove', path: '/spec/nothing' },
  ]),
  'a JSON patch of no operation': patch(JSON_PATCH, [
    { op: 'sing', path: '/spec' },
  ]),
  'a JSON patch whose test fails': patch(JSON_PATCH, [
    { op: 'test', path: '/spec/image', value: 'other' },
  ]),
  'a JSON patch that is an object': patch(JSON_PATCH, { op: 'add' }),
  'a patch of another media type': patch('application/json', {}),
  'an apply over another manager': apply({ spec: { image: 'other' } }),
  'an apply over another manager, of several fields': apply({
    spec: { image: 'other', args: ['b'], env: [{ name: 'A', value: '2' }] },
  }),
  'an apply without a manager': apply({}, ''),
  'an apply by force of a merge': merge({}, '?force=true'),
  'an apply of an unknown field': apply({
    spec: { image: 'example/one', imge: 'x' },
  }),
  'an apply with managed fields': apply({
    metadata: { name: 'one', managedFields: [{ manager: 'x' }] },
  }),
  'an apply of another name': apply({ metadata: { name: 'two' } }),
  'an apply of a wrong type': apply({ spec: { image: 'x', args: 'y' } }),
  'an apply of the same item twice': apply(
    {
      spec: {
        image: 'example/one',
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
    },
    '?fieldManager=other&force=true&dryRun=All',
  ),
  'an apply of a stale version': apply({
    metadata: { name: 'one', resourceVersion: '1' },
  }),
  'a deletion with another uid': destroy('/one', {
    preconditions: { uid: 'other' },
  }),
  'a deletion with another version': destroy('/one', {
    preconditions: { resourceVersion: '1' },
  }),
  'a deletion of what is not there': destroy('/gone'),
  'a deletion as a dry run': destroy('/one?dryRun=All'),
  'a deletion with a wrong body': destroy('/one', '{'),
  'a verb that is not known': { method: 'PURGE', path: '/one' },
  'a POST to a module': { method: 'POST', path: '/one', body: {} },
  'a PUT to a list': { method: 'PUT', path: '', body: {} },
};

(assets ? describe : describe.skip)(
  'the local platform and a real kube-apiserver (tool: KUBEBUILDER_ASSETS)',
  () => {
    const local = new Scene();
    const real = new Scene();

    beforeAll(async () => {
      await local.open(startLocalTarget);
      await real.open(startKubeApiserverTarget);
      for (const scene of [local, real]) {
        await scene.enter();
        await scene.applyAs('first', {
          ...wasmModule('one', {
            image: 'example/one',
            args: ['a'],
            env: [{ name: 'A', value: '1' }],
          }),
        });
      }
    });
    afterAll(() => Promise.all([local, real].map(scene => scene.close())));

    const ask = async (scene: Scene, request: Request) => {
      const { method, path, ...options } = JSON.parse(
        JSON.stringify(request).replace(/NAMESPACE/g, scene.namespace),
      ) as Request;
      const inside = /^\/(apis?|nothing|metrics|version)\b/.test(path);
      const { code, body, headers } = await scene.send(
        method,
        inside ? path : `${scene.modules}${path}`,
        options,
      );
      return {
        code,
        type: headers['content-type'],
        warning: headers.warning,
        body: stable(body, scene.namespace),
      };
    };

    const both = async (request: Request) => {
      const answers = [await ask(local, request), await ask(real, request)];
      for (const { send, modules } of [local, real]) {
        await send('PATCH', `${modules}/two`, {
          body: { metadata: { finalizers: null } },
          contentType: MERGE,
        });
        await send('DELETE', `${modules}/two`);
      }
      return { local: answers[0], real: answers[1] };
    };

    it.each([...Object.entries(requests), ...Object.entries(builtInRequests)])(
      'answer alike to %s',
      async (_, request) => {
        const answers = await both(request);
        expect(answers.local).toEqual(answers.real);
      },
    );
  },
);

/** Without what differs from one API to another of the same kind. */
function stable(body: Answer, namespace: string): Answer {
  const text = JSON.stringify(body, (key, value) =>
    ['uid', 'resourceVersion', 'creationTimestamp', 'time'].includes(key)
      ? `<${key}>`
      : value,
  );
  return JSON.parse(
    text
      .split(namespace)
      .join('<namespace>')
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uid>')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>')
      .replace(
        /(?<=current: |in record \(|resourceVersion[\\":]+ ?[\\"]+)\d+/g,
        '<resourceVersion>',
      ),
  );
}
