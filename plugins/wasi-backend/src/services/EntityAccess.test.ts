import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  wasiModuleReadPermission,
  wasiModuleUpdatePermission,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { EntityAccess } from './EntityAccess';

const entityRef = 'component:default/pay';

describe('access to an entity', () => {
  let now: number;
  let result: AuthorizeResult.ALLOW | AuthorizeResult.DENY;
  let authorize: jest.Mock;
  let access: EntityAccess;

  beforeEach(() => {
    now = 0;
    result = AuthorizeResult.ALLOW;
    authorize = jest.fn(async () => [{ result }]);
    access = new EntityAccess({
      catalog: catalogServiceMock({
        entities: [
          {
            apiVersion: 'backstage.io/v1alpha1',
            kind: 'Component',
            metadata: { name: 'pay', namespace: 'default' },
          },
        ],
      }),
      permissions: mockServices.permissions.mock({ authorize }),
      now: () => now,
    });
  });

  const read = (user = 'user:default/jane') =>
    access.require({
      entityRef,
      permission: wasiModuleReadPermission,
      credentials: mockCredentials.user(user),
    });

  it('is decided once for a page that reads again within five seconds, and then anew', async () => {
    await read();
    now = 4_999;
    await read();
    expect(authorize).toHaveBeenCalledTimes(1);

    now = 5_000;
    result = AuthorizeResult.DENY;
    await expect(read()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  it('is decided for each user', async () => {
    await read('user:default/jane');
    result = AuthorizeResult.DENY;

    await expect(read('user:default/john')).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  });

  it('is decided for each permission, and each time for what changes something', async () => {
    const update = () =>
      access.require({
        entityRef,
        permission: wasiModuleUpdatePermission,
        credentials: mockCredentials.user(),
      });
    await read();
    await update();
    result = AuthorizeResult.DENY;

    await expect(update()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  it('is decided each time for a service', async () => {
    const credentials = mockCredentials.service('plugin:catalog');
    const ask = () =>
      access.require({
        entityRef,
        permission: wasiModuleReadPermission,
        credentials,
      });
    await ask();
    result = AuthorizeResult.DENY;

    await expect(ask()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  it('does not keep a refusal', async () => {
    result = AuthorizeResult.DENY;
    await expect(read()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    result = AuthorizeResult.ALLOW;

    await expect(read()).resolves.toMatchObject({ kind: 'Component' });
  });
});
