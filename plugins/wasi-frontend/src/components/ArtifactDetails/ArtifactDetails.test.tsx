import { screen, within } from '@testing-library/react';
import type { SupplyChainView } from '@wasi-functions/backstage-plugin-wasi-common';
import { artifact, readyModule } from '../../__fixtures__/modules';
import { StoredWasiApi } from '../../__fixtures__/StoredWasiApi';
import { renderTab } from '../../__testUtils__/renderTab';

describe('where a module comes from', () => {
  /** Facts of the artifact whose label is one of the supply chain. */
  async function shown(supplyChain?: SupplyChainView) {
    const wasiApi = new StoredWasiApi({
      items: [readyModule(Date.now())],
      problems: [],
      missing: [],
    });
    wasiApi.artifact = { ...artifact, supplyChain };
    renderTab(wasiApi);
    const module = await screen.findByRole('region', { name: 'Module' });
    await within(module).findByText('Digest of the file');
    const facts = within(module)
      .getAllByRole('term')
      .map(term => [term.textContent, term.nextElementSibling?.textContent]);
    return Object.fromEntries(
      facts.filter(([label]) =>
        ['Signature', 'Built from', 'Built by', 'Packages inside'].includes(
          label!,
        ),
      ),
    );
  }

  it('tells who signed it, what it was built from and how much is inside', async () => {
    expect(
      await shown({
        signature: { state: 'trusted', keys: ['release', 'this portal'] },
        provenance: {
          source: 'https://git.example.com/team/hello',
          revision: '4be1c2d',
          builder: 'https://portal.example.com',
          signed: true,
        },
        sbom: { packages: 12, signed: true },
      }),
    ).toEqual({
      Signature: 'Signed by release, this portal',
      'Built from':
        'https://git.example.com/team/hello (opens in a new tab)Commit 4be1c2d',
      'Built by': 'https://portal.example.com (opens in a new tab)',
      'Packages inside': '12 packages in the SBOM',
    });
  });

  it('does not pass off as proven what anybody could have attached', async () => {
    expect(
      await shown({
        signature: { state: 'untrusted', keys: [] },
        provenance: {
          source: 'data:text/html,hi',
          builder: 'me',
          signed: false,
        },
        sbom: { packages: 0, signed: false },
      }),
    ).toEqual({
      Signature: 'Signed by nobody who is trusted',
      'Built from': 'data:text/html,hiNot signed, so not proven',
      'Built by': 'me',
      'Packages inside': 'None known to the SBOM',
    });
    expect(
      screen.queryByRole('link', { name: /data:/ }),
    ).not.toBeInTheDocument();
  });

  it('says so where it is not signed', async () => {
    expect(await shown({ signature: { state: 'none', keys: [] } })).toEqual({
      Signature: 'Not signed',
    });
  });

  it('says nothing of what is not known', async () => {
    expect(await shown()).toEqual({});
    expect(screen.queryByText('Not signed')).not.toBeInTheDocument();
  });
});
