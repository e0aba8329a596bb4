import assert from 'node:assert/strict';
import { chromium, type BrowserContext } from '@playwright/test';
import type { Checks } from './Checks';
import type { Portal } from './Portal';
import type { Surroundings } from './startSurroundings';

const OIDC = 'api/auth/oidc';
const WALLED = [
  'api/catalog/entities',
  'api/wasi/v1/info',
  'api/wasi/v1/entities/component/default/shop/modules',
  'api/wasi/v1/entities/component/default/shop/deployments',
  'api/scaffolder/v2/tasks',
  'api/permission/authorize',
  'api/mcp-actions/v1',
];

/** Somebody at a browser, signed in. */
export interface People {
  browser: BrowserContext;
  /** Asks the portal as Jane, and fails where it does. */
  ask(path: string, body?: object): Promise<any>;
  /** Signs in again, at a portal that was started anew. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

/** Who has no account sees nothing; who has one signs in on the page. */
export async function checkSignIn(
  checks: Checks,
  portal: Portal,
  { identityProvider }: Surroundings,
): Promise<People> {
  const launched = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH,
    args: ['--no-sandbox', '--disable-quic'],
  });
  const browser = await launched.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1280, height: 900 },
  });
  let token = '';
  const people: People = {
    browser,
    async ask(path, body) {
      const answer = await browser.request.fetch(`${portal.url}/${path}`, {
        method: body ? 'POST' : 'GET',
        headers: { authorization: `Bearer ${token}` },
        data: body,
      });
      assert.ok(
        answer.ok(),
        `${path}: ${answer.status()} ${await answer.text()}`,
      );
      return answer.json();
    },
    async renew() {
      const answer = await browser.request.get(
        `${portal.url}/${OIDC}/refresh?optional&env=production`,
        { headers: { 'x-requested-with': 'XMLHttpRequest' } },
      );
      assert.equal(answer.status(), 200, await answer.text());
      token = (await answer.json()).backstageIdentity.token;
    },
    close: () => launched.close(),
  };

  await checks.check('nothing is answered without a sign-in', async () => {
    for (const path of WALLED) {
      for (const headers of [
        new Headers(),
        new Headers({ authorization: 'Bearer made-up' }),
      ]) {
        const answer = await fetch(`${portal.localUrl}/${path}`, {
          method: path.includes('authorize') ? 'POST' : 'GET',
          headers,
        });
        await answer.arrayBuffer();
        assert.equal(answer.status, 401, path);
      }
    }
  });
  await checks.check('the guest of the laptop does not get in', async () => {
    const answer = await fetch(`${portal.localUrl}/api/auth/guest/refresh`, {
      method: 'POST',
    });
    assert.equal(answer.status, 404, await answer.text());
  });
  await checks.check(
    'who is no user of the catalog does not get in',
    async () => {
      identityProvider.user = 'mallory@example.com';
      const page = await browser.newPage();
      await page.goto(portal.url);
      const popup = page.waitForEvent('popup');
      await page.getByRole('button', { name: 'Sign In' }).click();
      await popup;
      await page
        .getByText(/unable to resolve user|not found|failed/i)
        .first()
        .waitFor();
      await page.close();
      identityProvider.user = 'jane@example.com';
    },
  );
  await checks.check(
    'a user signs in on the page and reads the catalog',
    async () => {
      const page = await browser.newPage();
      await page.goto(portal.url);
      await page.getByRole('button', { name: 'Sign In' }).click();
      await page
        .getByRole('heading', { name: /catalog/i })
        .first()
        .waitFor();
      await people.renew();
      const templates = await people.ask(
        'api/catalog/entities?filter=kind=template&fields=metadata.name',
      );
      assert.ok(templates.length >= 5, JSON.stringify(templates));
      await page.close();
    },
  );
  return people;
}
