import { expect, test } from '@playwright/test';
import { changeFile, runTemplate } from './backend';
import { findModule } from './cluster';
import { picture } from './pictures';
import { signIn } from './templateForm';

test('a change of func.yaml is deployed by itself, until somebody suspends it', async ({
  page,
  request,
}) => {
  const name = 'kept-in-step';
  const run = await runTemplate(request, 'wasi-function', {
    name,
    runtime: 'wat-wasi',
    autoDeploy: true,
    env: [{ name: 'GREETING', value: 'Hello' }],
  });
  expect(run.status).toBe('completed');
  const setGreeting = (value: string) =>
    changeFile(request, name, 'func.yaml', text =>
      text.replace(/(name: GREETING\s+value: ).*/, `$1${value}`),
    );
  const greeting = async () =>
    (await findModule(name))!.spec.env?.find(env => env.name === 'GREETING')
      ?.value;

  await signIn(page);
  await page.goto(`/catalog/default/component/${name}/wasm`);
  const panel = page.getByRole('region', { name: 'Deploys from the catalog' });

  await test.step('sees that what runs is what the source says', async () => {
    await panel.getByRole('button', { name: 'Run now' }).click();
    await expect(panel.getByText('In step')).toBeVisible({ timeout: 90_000 });
  });

  await test.step('sees a pushed change run', async () => {
    await setGreeting('Servus');
    await panel.getByRole('button', { name: 'Run now' }).click();
    await expect.poll(greeting, { timeout: 90_000 }).toBe('Servus');
    await expect(panel.getByText('In step')).toBeVisible({ timeout: 90_000 });
    await expect(
      page
        .getByRole('region', { name: 'Deployments' })
        .getByRole('row', { name: /from the catalog.*Succeeded/ }),
    ).toBeVisible();
    await picture(page, 'entity-sync', 1200);
  });

  await test.step('suspends it, and sees the next change as a difference alone', async () => {
    await panel.getByRole('button', { name: 'Suspend' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /^Reason/ }).fill('Release week');
    await dialog.getByRole('button', { name: 'Suspend deploys' }).click();
    await expect(panel.getByText('Release week')).toBeVisible();
    await setGreeting('Moin');
    // Seen by the run of each minute.
    const differs = panel.getByRole('button', {
      name: '1 field differs from the source',
    });
    await expect(differs).toBeVisible({ timeout: 90_000 });
    await differs.click();
    await expect(panel.getByText('Moin').first()).toBeVisible();
    expect(await greeting()).toBe('Servus');
  });
});
