import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { createReadClusterCaller } from './readClusterCaller';

describe('on whose behalf an action calls a cluster', () => {
  const read = createReadClusterCaller({
    auth: mockServices.auth(),
    userInfo: mockServices.userInfo({
      userEntityRef: 'user:default/jane',
      ownershipEntityRefs: ['user:default/jane', 'group:default/shop'],
    }),
  });

  it('is the user who started the task, with all groups', async () => {
    await expect(
      read(mockCredentials.user('user:default/jane')),
    ).resolves.toEqual({
      user: 'user:default/jane',
      groups: ['user:default/jane', 'group:default/shop'],
    });
  });

  it('is nobody where a service started it', async () => {
    await expect(read(mockCredentials.service())).resolves.toBeUndefined();
  });
});
