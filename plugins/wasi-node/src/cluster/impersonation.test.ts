import { readIdentity } from '../config/readIdentity';
import { ConfigReader } from '@backstage/config';
import { impersonate } from './impersonation';

const config = (identity: object = {}) =>
  readIdentity(new ConfigReader({ mode: 'impersonate', ...identity }))
    .identity!;

const jane = {
  user: 'user:default/Jane',
  groups: ['user:default/jane', 'group:default/shop', 'group:ops/sre'],
};

describe('what a user of the portal is called in Kubernetes', () => {
  it('is the name and the groups of the entity, in one case, with a prefix', () => {
    expect(impersonate(jane, config())).toEqual({
      user: 'backstage:default/jane',
      groups: ['backstage:default/shop', 'backstage:ops/sre'],
      headers: {
        'impersonate-user': 'backstage:default/jane',
        'impersonate-group': ['backstage:default/shop', 'backstage:ops/sre'],
      },
    });
  });

  it('follows the templates, and leaves out groups they cannot tell apart', () => {
    expect(
      impersonate(
        jane,
        config({
          user: '{name}@example.com',
          group: 'oidc:{name}',
          sendEntityRef: true,
        }),
      ).headers,
    ).toEqual({
      'impersonate-user': 'jane@example.com',
      'impersonate-group': ['oidc:shop'],
      'impersonate-extra-backstage.io%2Fentity-ref': 'user:default/Jane',
    });
  });

  it.each([
    ['has no entity of kind user', 'group:default/admins', {}],
    ['is no entity ref', 'jane', {}],
    ['has a line feed in the name', 'user:default/ja\nne', {}],
    [
      'is of another namespace than the template can tell',
      'user:other/jane',
      { user: '{name}' },
    ],
    [
      'would get a name of Kubernetes',
      'user:system/admin',
      { user: '{namespace}:{name}' },
    ],
  ])('is nothing, and refused, where the user %s', (_, user, identity) => {
    expect(() => impersonate({ user, groups: [] }, config(identity))).toThrow(
      expect.objectContaining({ code: 'CLUSTER_USER_REFUSED' }),
    );
  });

  it('is never a group of Kubernetes', () => {
    const { headers } = impersonate(
      { user: 'user:default/jane', groups: ['group:system/masters'] },
      config({ group: '{namespace}:{name}' }),
    );

    expect(headers).not.toHaveProperty('impersonate-group');
  });
});
