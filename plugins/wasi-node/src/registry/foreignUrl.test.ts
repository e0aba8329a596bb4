import { configWith } from './__fixtures__/modules';
import { resolveLocation } from './foreignUrl';
import { selectRegistry } from './registryTarget';

const targetOf = (host: string, insecure: boolean) =>
  selectRegistry(configWith([{ host, insecure }]), `${host}/a/b:1`, 'push');

describe('resolveLocation', () => {
  const secure = targetOf('registry.example', false);
  const from = new URL('https://registry.example/v2/a/b/blobs/uploads/');

  it.each([
    {
      what: 'a path',
      location: '/v2/a/b/blobs/uploads/1?_state=x%2By',
      url: 'https://registry.example/v2/a/b/blobs/uploads/1?_state=x%2By',
    },
    {
      what: 'a relative path',
      location: '1?_state=x',
      url: 'https://registry.example/v2/a/b/blobs/uploads/1?_state=x',
    },
    {
      what: 'another host',
      location: 'https://storage.example/x?signature=1#frag',
      url: 'https://storage.example/x?signature=1',
    },
    {
      what: 'http of the registry itself, behind a proxy that ends TLS',
      location: 'http://registry.example/v2/x',
      url: 'https://registry.example/v2/x',
    },
  ])('takes $what', ({ location, url }) => {
    expect(resolveLocation(location, from, secure).href).toBe(url);
  });

  it.each([
    'http://storage.example/x',
    'http://registry.example:5000/v2/x',
    'https://me:you@storage.example/x',
    'ftp://storage.example/x',
    'https://',
  ])('refuses %s', location => {
    expect(() => resolveLocation(location, from, secure)).toThrow(
      expect.objectContaining({ code: 'REGISTRY_UNEXPECTED' }),
    );
  });

  it('lets a registry of plain HTTP point to plain HTTP', () => {
    expect(
      resolveLocation(
        'http://10.0.0.6:9000/bucket',
        new URL('http://10.0.0.5:5000/v2/'),
        targetOf('10.0.0.5:5000', true),
      ).href,
    ).toBe('http://10.0.0.6:9000/bucket');
  });

  it('repeats nothing of a signed address in the error', () => {
    expect(() =>
      resolveLocation('http://storage.example/x?signature=1', from, secure),
    ).toThrow(
      'Registry registry.example pointed to http://storage.example, which is not https',
    );
  });
});
