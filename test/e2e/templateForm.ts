import { expect, type Page } from '@playwright/test';

/** Enters the portal as a guest. */
export async function signIn(page: Page): Promise<void> {
  await page.goto('/');
  await page.getByRole('button', { name: 'Enter' }).click();
  await expect(
    page.getByRole('link', { name: /Catalog|Home/ }).first(),
  ).toBeVisible();
}

/** Fills in both pages of `wasi-prebuilt` and starts it. */
export async function deployPrebuilt(
  page: Page,
  values: { name: string; source: string },
): Promise<void> {
  await page.goto('/create/templates/default/wasi-prebuilt');
  await page.getByRole('textbox', { name: /^Name/ }).fill(values.name);
  await page.getByRole('textbox', { name: /^Source/ }).fill(values.source);
  await chooseOwner(page);
  await page.getByRole('button', { name: 'Next' }).click();
  await startTemplate(page);
}

/** Leaves the last page of a form as it is, and starts the template. */
export async function startTemplate(page: Page): Promise<void> {
  await expect(
    page.getByRole('button', { name: /^localhost:\d+\/functions/ }),
  ).toBeVisible();
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByRole('button', { name: 'Create' }).click();
}

/** Takes the first owner that is offered. */
export async function chooseOwner(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: /^Owner/ }).click();
  await page.getByRole('option').first().click();
}
