import { expect, test } from '@playwright/test';
import { patchModule } from './cluster';
import { picture } from './pictures';
import { chooseOwner, signIn, startTemplate } from './templateForm';

const FUNCTIONS = [
  { runtime: 'js-wasi', label: /JavaScript/, name: 'hello-js' },
  { runtime: 'wat-wasi', label: /WebAssembly text/, name: 'hello-wat' },
];

const STEPS = [
  'Generate the repository',
  'Validate func.yaml',
  'Build the module',
  'Inspect the module',
  'Publish the repository',
  'Push the module',
  'Attach SBOM and provenance',
  'Deploy the module',
  'Wait until it is ready',
  'Register in the catalog',
];

test.describe.configure({ mode: 'serial' });

for (const { runtime, label, name } of FUNCTIONS) {
  test(`a guest brings a ${runtime} function from the form to a live URL and deletes it`, async ({
    page,
    request,
  }) => {
    await signIn(page);
    const first = runtime === 'js-wasi';

    await test.step('fills in the template', async () => {
      await page.goto('/create');
      if (first) {
        await expect(
          page.getByText('WebAssembly function').first(),
        ).toBeVisible();
        await picture(page, 'templates');
      }
      await page.goto('/create/templates/default/wasi-function');
      await page.getByRole('textbox', { name: /^Name/ }).fill(name);
      await page
        .getByRole('textbox', { name: /^Description/ })
        .fill(`Says hello from ${runtime}`);
      await page.getByRole('radio', { name: label }).check({ force: true });
      await chooseOwner(page);
      if (first) {
        await picture(page, 'template-form');
      }
      await page.getByRole('button', { name: 'Next' }).click();

      await page.getByRole('button', { name: 'Add a rule' }).click();
      await page
        .getByRole('textbox', { name: /^Pattern/ })
        .fill('db.example.com:5432');
      if (first) {
        await picture(page, 'template-permissions');
      }
      await startTemplate(page);
    });

    await test.step('sees every step succeed', async () => {
      await expect(
        page.getByRole('link', { name: 'Call the function' }),
      ).toBeVisible({ timeout: 180_000 });
      for (const step of STEPS) {
        await expect(page.getByText(step).first()).toBeVisible();
      }
      if (first) {
        await picture(page, 'template-run');
      }
    });

    const main = page.getByRole('article', { name });
    const url = (await page
      .getByRole('link', { name: 'Call the function' })
      .getAttribute('href'))!;

    await test.step('calls the address and gets the expected body', async () => {
      const answer = await request.get(url);
      expect(answer.status()).toBe(200);
      expect(await answer.text()).toMatch(/hello/i);
    });

    await test.step('opens the entity and reads the truth about it', async () => {
      await page.goto(`/catalog/default/component/${name}`);
      await expect(page.getByText('Ready').first()).toBeVisible();
      if (first) {
        await picture(page, 'entity-overview');
      }
      await page
        .getByRole('link', { name: 'WebAssembly', exact: true })
        .click();
      await expect(
        main.getByRole('heading', { name: 'Network permissions' }),
      ).toBeVisible();
      await expect(main.getByText('db.example.com:5432').first()).toBeVisible();
      await expect(
        main.getByRole('region', { name: 'Health' }).getByRole('link'),
      ).toHaveAttribute('href', `${url}/`);
      await expect(
        main.getByRole('table', { name: 'What takes the space' }),
      ).toBeVisible();
      await expect(main.getByText(/(KiB|kB|MB|MiB)/).first()).toBeVisible();
      await expect(
        main.getByRole('heading', { name: 'Conditions' }),
      ).toBeVisible();
      await expect(
        main.getByRole('row', { name: /^Ready True/ }),
      ).toBeVisible();
    });

    await test.step('sends a request from the tab and sees the answer', async () => {
      await page.getByRole('button', { name: 'Send' }).click();
      await expect(page.getByText(/Status 200/)).toBeVisible();
      await expect(page.getByLabel('Body of the answer')).toContainText(
        /hello/i,
      );
      if (first) {
        await picture(page, 'entity-full-light', 1500);
        await page.setViewportSize({ width: 400, height: 900 });
        await picture(page, 'entity-narrow', 1500);
        await page.setViewportSize({ width: 1280, height: 900 });
        // The portal draws itself anew in another theme.
        await page.emulateMedia({ colorScheme: 'dark' });
        await expect(
          main.getByRole('table', { name: 'What takes the space' }),
        ).toBeVisible();
        await picture(page, 'entity-full-dark', 1500);
        await page.emulateMedia({ colorScheme: 'light' });
        await expect(
          main.getByRole('table', { name: 'What takes the space' }),
        ).toBeVisible();
      }
    });

    await test.step('sees a change made with kubectl within moments, without a reload', async () => {
      await patchModule(name, { spec: { args: ['changed-outside'] } });
      await expect(page.getByText('changed-outside').first()).toBeVisible({
        timeout: 10_000,
      });
      await expect(
        page
          .getByRole('region', { name: 'Health' })
          .getByText('Ready', { exact: true }),
      ).toBeVisible();
    });

    await test.step('deletes the module with its name typed, and sees it gone', async () => {
      await page.getByRole('button', { name: 'Delete', exact: true }).click();
      const dialog = page.getByRole('dialog');
      const confirm = dialog.getByRole('button', { name: 'Delete module' });
      await expect(confirm).toBeDisabled();
      await dialog.getByRole('textbox').fill(name);
      if (first) {
        await picture(page, 'entity-delete');
      }
      await confirm.click();
      await expect(
        page
          .getByText(/was deleted|found in no cluster|No WebAssembly module/)
          .first(),
      ).toBeVisible();
      if (first) {
        await picture(page, 'entity-empty');
      }
      await expect
        .poll(async () =>
          request.get(url, { timeout: 2_000 }).then(
            answer => answer.status(),
            () => 'refused',
          ),
        )
        .not.toBe(200);
    });
  });
}
