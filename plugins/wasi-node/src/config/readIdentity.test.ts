import { ConfigReader } from '@backstage/config';
import { readIdentity } from './readIdentity';

const read = (identity: object) =>
  readIdentity(new ConfigReader({ ...identity }));

describe('wasi.identity', () => {
  it('is the account of the portal unless it is set', () => {
    expect(readIdentity(undefined)).toEqual({});
    expect(read({}).identity).toMatchObject({ mode: 'service-account' });
  });

  it('gives users of the portal a prefix of their own, and each cluster its mode', () => {
    expect(
      read({
        mode: 'impersonate',
        clusters: [{ name: 'legacy', mode: 'service-account' }],
      }),
    ).toEqual({
      identity: {
        mode: 'impersonate',
        clusters: { legacy: 'service-account' },
        user: 'backstage:{namespace}/{name}',
        group: 'backstage:{namespace}/{name}',
        sendEntityRef: false,
      },
    });
  });

  it.each([
    [
      { mode: 'admin' },
      'wasi.identity.mode is "admin"; it may be service-account or impersonate.',
    ],
    [
      { clusters: [{ name: 'a', mode: 'user' }] },
      'wasi.identity.clusters[0].mode is "user"',
    ],
    [
      { user: 'system:{name}' },
      'but no user of the portal may have a name of Kubernetes',
    ],
    [
      { group: ' System:{name}' },
      'but no user of the portal may have a name of Kubernetes',
    ],
    [{ user: 'backstage' }, 'but without {name} all would be one'],
    [
      { user: '{name}@{domain}' },
      'and {domain} is not known; write {namespace} and {name}',
    ],
  ])('refuses %j', (identity, message) => {
    expect(() => read(identity)).toThrow(message);
  });
});
