import { ConfigReader } from '@backstage/config';
import { readWatchedNamespaces } from './readWatchedNamespaces';

const read = (namespaces: any) =>
  readWatchedNamespaces(new ConfigReader({ watch: { namespaces } }));

describe('wasi.watch.namespaces', () => {
  it('names namespaces by cluster', () => {
    expect(read({ prod: ['shop', 'bank'], 'eu.prod': ['shop'] })).toEqual({
      prod: ['shop', 'bank'],
      'eu.prod': ['shop'],
    });
  });

  it('may be left out', () => {
    expect(readWatchedNamespaces(undefined)).toEqual({});
    expect(readWatchedNamespaces(new ConfigReader({}))).toEqual({});
  });

  it.each([{ prod: 'shop' }, { prod: [] }, ['shop'], { prod: [1] }])(
    'is told where it is wrong: %j',
    namespaces => {
      expect(() => read(namespaces)).toThrow(/a list of namespaces/);
    },
  );
});
