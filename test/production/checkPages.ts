import assert from 'node:assert/strict';
import type { Checks } from './Checks';
import type { People } from './checkSignIn';
import type { Portal } from './Portal';
import { MODULE } from './runTemplate';
import type { Surroundings } from './startSurroundings';

/** What the backend serves to browsers. */
export async function checkPages(
  checks: Checks,
  portal: Portal,
  { cluster, secrets }: Surroundings,
  { browser }: People,
): Promise<void> {
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on('pageerror', error => faults.push(error.message));
  page.on('console', message => {
    // A policy of the backend that the frontend breaks.
    if (/Content Security Policy/.test(message.text())) {
      faults.push(message.text());
    }
  });
  const bodies: string[] = [];
  page.on('response', async answer => {
    if (/html|javascript|json/.test(answer.headers()['content-type'] ?? '')) {
      bodies.push(await answer.text().catch(() => ''));
    }
  });

  await checks.check('the tab opens by its own address', async () => {
    await page.goto(`${portal.url}/catalog/default/component/${MODULE}/wasm`);
    const article = page.getByRole('article', { name: MODULE });
    await article.getByText('Ready', { exact: true }).first().waitFor();
    await article
      .getByRole('region', { name: 'Deployments' })
      .getByRole('row', { name: /Created.*Succeeded/ })
      .waitFor();
  });
  await checks.check(
    'a change in the cluster reaches the open tab',
    async () => {
      await cluster.patch(MODULE, { spec: { args: ['from-kubectl'] } });
      await page
        .getByRole('region', { name: 'Deployments' })
        .getByRole('row', { name: /Updated.*Succeeded/ })
        .waitFor();
    },
  );
  await checks.check('no page breaks, and none is sent a secret', async () => {
    assert.deepEqual(faults, []);
    assert.ok(bodies.length > 10, `${bodies.length} answers were looked at`);
    for (const secret of secrets) {
      assert.ok(!bodies.some(body => body.includes(secret)));
    }
  });
  await page.close();
}
