import { expect, test } from '@playwright/test';
import { chooseOwner, signIn, startTemplate } from './templateForm';

/** The runtimes whose compiler `npm start` does not bring. */
const RUNTIMES = [
  { runtime: 'c-wasi', label: 'C' },
  { runtime: 'go-wasi', label: 'Go' },
  { runtime: 'python-wasi', label: 'Python' },
  { runtime: 'rust-wasi', label: 'Rust' },
];

for (const { runtime, label } of RUNTIMES) {
  test(`a guest brings a ${runtime} function from the form to a live URL, where its compiler is`, async ({
    page,
    request,
  }) => {
    const name = `hello-${runtime}`;
    await signIn(page);
    await page.goto('/create/templates/default/wasi-function');
    await page.getByRole('textbox', { name: /^Name/ }).fill(name);
    await expect(page.getByRole('radio', { name: 'JavaScript' })).toBeVisible();
    const choice = page.getByRole('radio', { name: label, exact: true });
    test.skip((await choice.count()) === 0, `no compiler for ${runtime}`);
    await choice.check({ force: true });
    await chooseOwner(page);
    await page.getByRole('button', { name: 'Next' }).click();
    await startTemplate(page);

    const call = page.getByRole('link', { name: 'Call the function' });
    await expect(call).toBeVisible({ timeout: 240_000 });
    const url = (await call.getAttribute('href'))!;
    const greeting = await request.get(`${url}?name=Ada%20Lovelace`);
    expect(await greeting.text()).toBe('Hello, Ada Lovelace!\n');
    const echo = await request.post(new URL('/echo?a=1', url).href, {
      data: 'some text',
    });
    expect(await echo.text()).toBe(
      'method: POST\npath: /echo\nquery: a=1\nbody: some text\n',
    );
  });
}
