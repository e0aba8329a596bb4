import { negotiate } from './negotiate';
import { parseResourcePath } from './parsePath';

describe('parseResourcePath', () => {
  const path = (fields: object) => ({
    group: '',
    version: 'v1',
    namespace: '',
    resource: '',
    name: '',
    subresource: '',
    ...fields,
  });
  it.each([
    ['/api/v1/namespaces', path({ resource: 'namespaces' })],
    ['/api/v1/namespaces/a', path({ resource: 'namespaces', name: 'a' })],
    [
      '/api/v1/namespaces/a/status',
      path({ resource: 'namespaces', name: 'a', subresource: 'status' }),
    ],
    [
      '/api/v1/namespaces/a/pods/b/log',
      path({ namespace: 'a', resource: 'pods', name: 'b', subresource: 'log' }),
    ],
    [
      '/api/v1/namespaces/a/pods/b/log/c',
      path({
        namespace: 'a',
        resource: 'pods',
        name: 'b',
        subresource: 'log/c',
      }),
    ],
    ['/api/v1/pods', path({ resource: 'pods' })],
    [
      '/apis/example.com/v2/namespaces/a/things/b',
      path({
        group: 'example.com',
        version: 'v2',
        namespace: 'a',
        resource: 'things',
        name: 'b',
      }),
    ],
    ['/api', undefined],
    ['/api/v1', undefined],
    ['/apis/example.com/v2', undefined],
    ['/version', undefined],
  ])('reads %s', (text, expected) => {
    expect(parseResourcePath(text)).toEqual(expected);
  });
});

describe('negotiate', () => {
  const table = { as: 'Table', group: 'meta.k8s.io', version: 'v1' };
  it.each([
    [undefined, {}],
    ['*/*', {}],
    ['application/json', {}],
    ['application/vnd.kubernetes.protobuf,application/json', {}],
    ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json', table],
    [
      'application/json;as=Table;v=v9;g=meta.k8s.io,application/json;as=Table;v=v1;g=meta.k8s.io',
      table,
    ],
    ['application/json;as=Chart;v=v1;g=meta.k8s.io,application/json', {}],
  ])('%p is answered with %p', (accept, expected) => {
    expect(negotiate(accept, [table])).toEqual(expected);
  });

  it('refuses what it cannot write', () => {
    expect(() =>
      negotiate('application/vnd.kubernetes.protobuf', [table]),
    ).toThrow(
      expect.objectContaining({
        status: expect.objectContaining({ code: 406 }),
      }),
    );
  });
});
