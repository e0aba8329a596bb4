import { expect, test } from '@playwright/test';
import { runTemplate } from './backend';
import { findModule, patchModule } from './cluster';
import { picture } from './pictures';
import { signIn } from './templateForm';

test('who changed a function is told, and a click brings back what ran before', async ({
  page,
  request,
}) => {
  const name = 'rolled-back';
  const run = await runTemplate(request, 'wasi-function', {
    name,
    runtime: 'wat-wasi',
  });
  expect(run.status).toBe('completed');
  const before = (await findModule(name))!;

  await signIn(page);
  await page.goto(`/catalog/default/component/${name}/wasm`);
  const article = page.getByRole('article', { name });
  const history = article.getByRole('region', { name: 'Deployments' });
  const row = (text: RegExp) => history.getByRole('row', { name: text });

  await test.step('reads that a template deployed it, and for whom', async () => {
    await expect(row(/Created.*Succeeded/)).toBeVisible();
    await expect(row(/Created/)).toContainText('from a template');
    await expect(row(/Created/)).toContainText('guest');
  });

  await test.step('reads that somebody changed it past the portal', async () => {
    await patchModule(name, { spec: { args: ['changed-outside'] } });
    await expect(row(/Updated.*Succeeded/)).toBeVisible();
    await expect(row(/Updated/)).toContainText('in the cluster itself');
    await picture(page, 'entity-history');
  });

  await test.step('sees what a roll-back would change, and rolls back', async () => {
    await row(/Created/)
      .getByRole('button', { name: /^Roll back to this/ })
      .click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByText('changed-outside').first()).toBeVisible();
    await picture(page, 'entity-rollback');
    const force = dialog.getByRole('checkbox', {
      name: 'Take these fields over',
    });
    const confirm = dialog.getByRole('button', { name: 'Roll back' });
    if (await force.isVisible()) {
      await expect(confirm).toBeDisabled();
      await force.check({ force: true });
    }
    await confirm.click();
    await expect(row(/Rolled back.*Succeeded/)).toBeVisible();
    await expect(row(/Rolled back/)).toContainText('on this page');
    const after = (await findModule(name))!;
    expect(after.spec).toEqual(before.spec);
  });

  await test.step('starts it anew, with the same image', async () => {
    await article.getByRole('button', { name: 'Redeploy' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: 'Redeploy' })
      .click();
    await expect(row(/Redeployed.*Succeeded/)).toBeVisible();
    const after = (await findModule(name))!;
    expect(after.spec.image).toBe(before.spec.image);
    expect(after.metadata.generation).toBeGreaterThan(
      before.metadata.generation + 2,
    );
  });
});
