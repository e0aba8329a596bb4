import { entityNameOf } from './entityNameOf';

const ref = { cluster: 'prod', namespace: 'shop', name: 'pay' };

describe('the name of an entity', () => {
  it('begins with the name of the module and stays the same', () => {
    expect(entityNameOf(ref)).toBe('pay-993888f7db');
  });

  it('is another one in another cluster, namespace or by another name', () => {
    const names = [
      ref,
      { ...ref, cluster: 'test' },
      { ...ref, namespace: 'bank' },
      { ...ref, name: 'pay-2' },
      { ...ref, namespace: 'shop/pay', name: 'pay' },
    ].map(entityNameOf);

    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    'a'.repeat(253),
    'pay.v2.example.com',
    `${'a'.repeat(51)}-b`,
    '---',
    'Grüße',
  ])('is one that the catalog takes for %s', name => {
    expect(entityNameOf({ ...ref, name })).toMatch(
      /^(?=.{1,63}$)[a-zA-Z0-9]+([-_.][a-zA-Z0-9]+)*$/,
    );
  });
});
