import { configWith } from './__fixtures__/modules';
import { selectRegistry } from './registryTarget';

describe('selectRegistry', () => {
  const config = configWith([
    { host: 'docker.io', insecure: false, username: 'hub' },
    { host: 'ghcr.io', insecure: false, prefix: 'team', username: 'wide' },
    { host: 'ghcr.io', insecure: false, prefix: '/team/fn/', username: 'deep' },
    { host: 'localhost:7450' },
  ]);

  it.each([
    {
      reference: 'alpine',
      host: 'docker.io',
      repository: 'library/alpine',
      url: 'https://registry-1.docker.io/',
      username: 'hub',
    },
    {
      reference: 'registry-1.docker.io/me/x:1',
      host: 'docker.io',
      repository: 'me/x',
      url: 'https://registry-1.docker.io/',
      username: 'hub',
    },
    {
      reference: 'ghcr.io/team/x:1',
      host: 'ghcr.io',
      repository: 'team/x',
      url: 'https://ghcr.io/',
      username: 'wide',
    },
    {
      reference: 'ghcr.io/team/fn/x:1',
      host: 'ghcr.io',
      repository: 'team/fn/x',
      url: 'https://ghcr.io/',
      username: 'deep',
    },
    {
      reference: 'localhost:7450/x:1',
      host: 'localhost:7450',
      repository: 'x',
      url: 'http://localhost:7450/',
      username: undefined,
    },
  ])('finds $reference', ({ reference, host, repository, url, username }) => {
    const target = selectRegistry(config, reference, 'push');
    expect({
      host: target.host,
      repository: target.repository,
      url: target.baseUrl.href,
      username: target.entry.username,
    }).toEqual({ host, repository, url, username });
  });

  it('pushes below the prefix only, and reads from all of the host', () => {
    expect(() => selectRegistry(config, 'ghcr.io/teams/x:1', 'push')).toThrow(
      'Repository ghcr.io/teams/x may not be pushed to; allowed is what begins with ghcr.io/team/ or ghcr.io/team/fn/',
    );
    expect(selectRegistry(config, 'ghcr.io/teams/x:1', 'pull').repository).toBe(
      'teams/x',
    );
  });

  it('refuses a host that is not listed, whatever it begins with', () => {
    for (const host of ['ghcr.io.example', 'localhost:7451', 'localhost']) {
      expect(() => selectRegistry(config, `${host}/team/x`, 'pull')).toThrow(
        expect.objectContaining({
          code: 'REGISTRY_NOT_ALLOWED',
          message: `Registry ${host} is not one of those that are allowed: docker.io, ghcr.io, ghcr.io, localhost:7450`,
        }),
      );
    }
  });
});
