import { expect, test } from '@playwright/test';
import { findHead, runTemplate } from './backend';
import { findModule } from './cluster';
import { readPlatform } from './portal';
import { deployPrebuilt, signIn } from './templateForm';

test('a module that lies in a registry is deployed under another name, and answers', async ({
  page,
  request,
}) => {
  const origin = await runTemplate(request, 'wasi-function', {
    name: 'origin',
    runtime: 'wat-wasi',
  });
  expect(origin.status).toBe('completed');
  const originUrl = origin.output.links?.find(
    ({ title }) => title === 'Call the function',
  )?.url;

  await signIn(page);
  await deployPrebuilt(page, {
    name: 'second-home',
    source: `oci://${readPlatform().registry.host}/functions/origin:latest`,
  });
  const link = page.getByRole('link', { name: 'Call the module' });
  await expect(link).toBeVisible({ timeout: 120_000 });
  const url = (await link.getAttribute('href'))!;

  expect(url).not.toBe(originUrl);
  const answer = await request.get(url);
  expect(answer.status()).toBe(200);
  expect(await answer.text()).toBe(
    await (await request.get(originUrl!)).text(),
  );
  expect((await findModule('second-home'))?.spec.image).toMatch(
    /\/functions\/second-home@sha256:/,
  );
  expect(await findHead(request, 'second-home')).toBeDefined();

  await page.goto('/catalog/default/component/second-home');
  await page.getByRole('link', { name: 'WebAssembly', exact: true }).click();
  await expect(
    page
      .getByRole('region', { name: 'Health' })
      .getByText('Ready', { exact: true }),
  ).toBeVisible();
});
