import { expect, type Page, test } from '@playwright/test';
import { runTemplate } from './backend';
import { findModule, patchModule } from './cluster';
import { picture } from './pictures';
import { signIn } from './templateForm';

test('a function is edited on its page, which shows what that does and takes nothing unasked', async ({
  page,
  request,
}) => {
  const name = 'edited';
  const run = await runTemplate(request, 'wasi-function', {
    name,
    runtime: 'wat-wasi',
  });
  expect(run.status).toBe('completed');

  await signIn(page);
  await page.goto(`/catalog/default/component/${name}/wasm`);
  const article = page.getByRole('article', { name });
  const dialog = page.getByRole('dialog');
  const history = article.getByRole('region', { name: 'Deployments' });
  const row = (text: RegExp) => history.getByRole('row', { name: text });
  const edit = article.getByRole('button', { name: 'Edit', exact: true });
  const review = dialog.getByRole('button', { name: 'Review changes' });
  const apply = dialog.getByRole('button', { name: 'Apply' });
  const addVariable = async (variable: string, value: string) => {
    await dialog.getByRole('button', { name: 'Add a variable' }).click();
    const fields = dialog.getByRole('group', { name: /^Variable / }).last();
    await fields.getByRole('textbox', { name: 'Name' }).fill(variable);
    await fields.getByLabel('Value', { exact: true }).fill(value);
  };

  await test.step('changes its environment in the form', async () => {
    await edit.click();
    await expect(review).toBeDisabled();
    await addVariable('GREETING', 'Good day');
    await addVariable('API_TOKEN', 'sesame');
    await show(page, 'entity-edit');
  });

  await test.step('sees what that would do, and nothing is done by then', async () => {
    const { generation } = (await findModule(name))!.metadata;
    await review.click();
    const changes = dialog.getByRole('table', {
      name: 'Changes of the module',
    });
    await expect(changes).toContainText('spec.env[GREETING].value');
    await expect(changes).toContainText('Good day');
    await expect(changes).toContainText('spec.env[API_TOKEN].value');
    await expect(dialog).not.toContainText('sesame');
    await show(page, 'entity-edit-plan');
    expect((await findModule(name))!.metadata.generation).toBe(generation);
  });

  await test.step('applies it, and the history tells of it once it is ready', async () => {
    await apply.click();
    await expect(dialog).toBeHidden();
    await expect(row(/Updated.*Succeeded/)).toContainText('on this page');
    const { env } = (await findModule(name))!.spec;
    expect(env).toEqual(
      expect.arrayContaining([
        { name: 'GREETING', value: 'Good day' },
        { name: 'API_TOKEN', value: 'sesame' },
      ]),
    );
  });

  await test.step('keeps the secret that it does not show', async () => {
    await edit.click();
    await expect(dialog.getByRole('textbox', { name: 'Image' })).toHaveValue(
      /@sha256:/,
    );
    await expect(dialog.getByText('Hidden. Empty keeps it.')).toBeVisible();
    await addVariable('MOOD', 'good');
    await review.click();
    await apply.click();
    await expect(dialog).toBeHidden();
    const { env } = (await findModule(name))!.spec;
    expect(env).toContainEqual({ name: 'API_TOKEN', value: 'sesame' });
    expect(env).toContainEqual({ name: 'MOOD', value: 'good' });
  });

  await test.step('is told of a change behind its back, and asked again', async () => {
    await edit.click();
    await dialog.getByRole('button', { name: 'Add an argument' }).click();
    await dialog.getByRole('textbox', { name: /^Argument/ }).fill('ours');
    await review.click();
    await expect(apply).toBeEnabled();
    await patchModule(name, { spec: { args: ['theirs'] } });
    await apply.click();
    await expect(
      dialog.getByText('The module was changed in the meantime'),
    ).toBeVisible();
  });

  await test.step('reads whose field it is, and takes it over only when told', async () => {
    const conflicts = dialog.getByRole('table', { name: 'Fields of others' });
    await expect(conflicts).toContainText('spec.args');
    await expect(conflicts).toContainText('theirs');
    await expect(conflicts).toContainText('ours');
    await expect(conflicts).toContainText(/Owned by .*, after this by/);
    await expect(apply).toBeDisabled();
    await show(page, 'entity-edit-conflict');
    expect((await findModule(name))!.spec).toMatchObject({ args: ['theirs'] });

    await dialog
      .getByRole('checkbox', { name: 'Take these fields over' })
      .check({ force: true });
    await apply.click();
    await expect(dialog).toBeHidden();
    expect((await findModule(name))!.spec).toMatchObject({ args: ['ours'] });
    await expect(
      article.getByRole('button', { name: 'Redeploy' }),
    ).toBeVisible();
  });
});

/** On a phone and at a desk. */
async function show(page: Page, name: string): Promise<void> {
  const desk = page.viewportSize()!;
  await page.setViewportSize({ width: 390, height: 844 });
  await picture(page, `${name}-narrow`);
  await page.setViewportSize(desk);
  await picture(page, name);
}
