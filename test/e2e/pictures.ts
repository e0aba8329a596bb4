import type { Page } from '@playwright/test';

/**
 * Where pictures of pages go: `WASI_PICTURES=docs/images` renews those of the
 * documentation, a plain test run leaves them alone.
 */
const directory = process.env.WASI_PICTURES ?? 'test-results/pictures';

/** Keeps a picture of a page, from its top, of the window's height or another. */
export async function picture(
  page: Page,
  name: string,
  height = page.viewportSize()!.height,
): Promise<void> {
  const before = page.viewportSize()!;
  await page.setViewportSize({ ...before, height });
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.screenshot({
    path: `${directory}/${name}.png`,
    animations: 'disabled',
  });
  await page.setViewportSize(before);
}

/** Keeps a picture of all of a page. */
export async function pictureOfAll(page: Page, name: string): Promise<void> {
  await page.screenshot({
    path: `${directory}/${name}.png`,
    animations: 'disabled',
    fullPage: true,
  });
}
