import { act, screen, within } from '@testing-library/react';
import {
  MODULES_CHANGED_CHANNEL,
  type ModuleListAnswer,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { readyModule } from '../../__fixtures__/modules';
import { StoredWasiApi } from '../../__fixtures__/StoredWasiApi';
import { LocalSignals } from '../../__testUtils__/LocalSignals';
import { renderTab } from '../../__testUtils__/renderTab';

const HOUR = 3_600_000;

/** By a clock that is ahead of this one; created 7 500 seconds and heard 3 seconds ago. */
const answerAt = (at: number): ModuleListAnswer => ({
  items: [readyModule(at)],
  problems: [],
  missing: [],
  answeredAt: new Date(at).toISOString(),
});

describe('ages on the page', () => {
  it.each([
    { title: 'hours ahead', aheadMs: 3 * HOUR },
    { title: 'hours behind', aheadMs: -3 * HOUR },
  ])(
    'are right where the clock of the cluster is $title',
    async ({ aheadMs }) => {
      const now = Date.now();
      const { observedAt } = readyModule(now);
      renderTab(
        new StoredWasiApi({
          ...answerAt(now),
          items: [
            {
              ...readyModule(now + aheadMs),
              observedAt,
              clusterAheadMs: aheadMs,
            },
          ],
        }),
      );

      const module = await screen.findByRole('article', { name: 'hello' });
      expect(within(module).getByText('2 h ago')).toBeInTheDocument();
      // Of both conditions.
      expect(within(module).getAllByText('4 min ago').length).toBeGreaterThan(
        0,
      );
      expect(
        within(module).getByText(/^Cluster heard from \d s ago$/),
      ).toBeInTheDocument();
    },
  );

  it.each([
    { title: 'ahead', aheadMs: 5 * HOUR },
    { title: 'behind', aheadMs: -5 * HOUR },
  ])(
    'are right where the clock of the browser is hours off, the portal being $title',
    async ({ aheadMs }) => {
      renderTab(new StoredWasiApi(answerAt(Date.now() + aheadMs)));

      const module = await screen.findByRole('article', { name: 'hello' });
      expect(within(module).getByText('2 h ago')).toBeInTheDocument();
      expect(
        within(module).getByText(/^Cluster heard from \d s ago$/),
      ).toBeInTheDocument();
    },
  );
});

describe('a cluster that is heard no longer', () => {
  it('is said at its signal, with the age of what is still shown', async () => {
    const now = Date.now();
    const signals = new LocalSignals();
    const wasiApi = new StoredWasiApi(answerAt(now));
    renderTab(wasiApi, { signals });
    await screen.findByRole('article', { name: 'hello' });

    wasiApi.list = {
      ...answerAt(now),
      items: [
        {
          ...readyModule(now),
          observedAt: new Date(now - 130_000).toISOString(),
        },
      ],
      problems: [
        {
          cluster: 'local',
          code: 'CLUSTER_UNAUTHENTICATED',
          message: 'Cluster "local" does not accept the credentials.',
          remedy: 'Renew the token.',
        },
      ],
    };
    act(() =>
      signals.publish(MODULES_CHANGED_CHANNEL, {
        modules: [],
        clusters: ['local'],
      }),
    );

    expect(
      await screen.findByText(
        'Modules of this cluster are shown as they were known 2 min ago.',
      ),
    ).toBeInTheDocument();
    expect(
      screen.getByText('Cluster "local" does not accept the credentials.'),
    ).toBeInTheDocument();
    expect(screen.getByRole('article', { name: 'hello' })).toBeInTheDocument();
  });
});
