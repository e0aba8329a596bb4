import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { Callers } from './Callers';

describe('who asks', () => {
  const callers = new Callers({
    auth: mockServices.auth(),
    userInfo: mockServices.userInfo({
      userEntityRef: 'user:default/jane',
      ownershipEntityRefs: ['user:default/jane', 'group:default/shop'],
    }),
  });
  const jane = mockCredentials.user('user:default/jane');

  it('brings tokens for the clusters that take no other', async () => {
    const caller = await callers.of(jane, {
      'wasi-cluster-tokens': 'prod=eyJ.x.y, gke%201=ya29',
    });

    expect(caller.cluster).toEqual({
      user: 'user:default/jane',
      groups: ['user:default/jane', 'group:default/shop'],
      tokens: { prod: 'eyJ.x.y', 'gke 1': 'ya29' },
    });
  });

  it('is told where they cannot be read, without what was sent', async () => {
    await expect(
      callers.of(jane, { 'wasi-cluster-tokens': 'very secret' }),
    ).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: 'The header wasi-cluster-tokens cannot be read.',
    });
  });

  it('is nobody to a cluster where it is a service, whatever it sends', async () => {
    const caller = await callers.of(mockCredentials.service(), {
      'wasi-cluster-tokens': 'prod=eyJ',
    });

    expect(caller.cluster).toBeUndefined();
  });
});
