import { expect, type Page, test } from '@playwright/test';
import { findHead, runTemplate } from './backend';
import {
  createModule,
  createNamespace,
  deleteModule,
  findModule,
  patchModule,
} from './cluster';
import { pictureOfAll } from './pictures';
import { readPlatform } from './portal';
import {
  chooseOwner,
  deployPrebuilt,
  signIn,
  startTemplate,
} from './templateForm';

/** A function that the portal made, and that nothing below may harm. */
const NAME = 'faults';

test.beforeAll(async ({ request }) => {
  // After a failure Playwright comes here again, with a worker of its own.
  if (await findHead(request, NAME)) {
    return;
  }
  const run = await runTemplate(request, 'wasi-function', {
    name: NAME,
    runtime: 'wat-wasi',
  });
  expect(run.status).toBe('completed');
});

test.beforeEach(({ page }) => signIn(page));

test('the form refuses what is missing or badly named, and says why', async ({
  page,
}) => {
  const sent = listenForTasks(page);
  await page.goto('/create/templates/default/wasi-function');
  const name = page.getByRole('textbox', { name: /^Name/ });
  const next = page.getByRole('button', { name: 'Next' });

  await next.click();
  await expect(name).toBeFocused();
  expect(
    await name.evaluate(
      field => (field as HTMLInputElement).validity.valueMissing,
    ),
  ).toBe(true);

  await name.fill('Bad_Name');
  await page
    .getByRole('radio', { name: /WebAssembly text/ })
    .check({ force: true });
  await chooseOwner(page);
  await next.click();
  await expect(
    page
      .getByText(
        'Use lower-case letters, digits and dashes, with a letter first and no dash last.',
      )
      .first(),
  ).toBeVisible();
  await expect(name).toBeVisible();
  expect(sent).toEqual([]);
});

test('the form refuses a network rule that nobody could read, and says why', async ({
  page,
}) => {
  const sent = listenForTasks(page);
  await fillFirstPage(page, 'never-sent');
  await page.getByRole('button', { name: 'Add a rule' }).click();
  await page
    .getByRole('textbox', { name: /^Pattern/ })
    .fill('https://db.example.com');
  await expect(
    page.getByText('is a URL, not a host and a port').first(),
  ).toBeVisible();
  await expect(
    page.getByText('Write host:port, *:port, host:* or [v6]:port.'),
  ).toBeVisible();

  await page.getByRole('button', { name: 'Review' }).click();
  await expect(page.getByRole('button', { name: 'Create' })).toBeHidden();
  await expect(page.getByRole('textbox', { name: /^Pattern/ })).toBeVisible();
  expect(sent).toEqual([]);
});

test('a name that is taken is refused at the first step, and what has it stays as it was', async ({
  page,
  request,
}) => {
  const before = {
    head: await findHead(request, NAME),
    module: await findModule(NAME),
  };
  await fillFirstPage(page, NAME);
  await startTemplate(page);

  await expectFailure(
    page,
    `The catalog has component:default/${NAME} already. Choose another name.`,
  );
  expect(before.head).toBeDefined();
  expect(await findHead(request, NAME)).toBe(before.head);
  expect(await findModule(NAME)).toEqual(before.module);
});

for (const { what, source, message } of [
  {
    what: 'a host that is not allowed',
    source: 'https://example.com/x.wasm',
    message:
      'Modules may not be downloaded from example.com. Have the host added to',
  },
  {
    what: 'this machine',
    source: 'https://127.0.0.1/x.wasm',
    message:
      'Modules may not be downloaded from 127.0.0.1. Have the host added to',
  },
  {
    what: 'a registry that is not allowed',
    source: 'oci://registry.example/team/hello:1.0',
    message: 'Registry registry.example is not one of those that are allowed',
  },
]) {
  test(`a module from ${what} is refused, and no repository is left behind`, async ({
    page,
    request,
  }) => {
    await deployPrebuilt(page, { name: 'from-elsewhere', source });

    await expectFailure(page, message);
    await expectNothingLeft(request, 'from-elsewhere');
  });
}

test('a core module is refused when it is fetched, and no repository is left behind', async ({
  page,
  request,
}) => {
  const reachable = await fetch(
    'https://registry.npmjs.org/@bytecodealliance%2fjco/1.34.0',
    {
      signal: AbortSignal.timeout(5_000),
    },
  ).then(
    answer => answer.ok,
    () => false,
  );
  test.skip(!reachable, 'the npm registry cannot be reached');

  await deployPrebuilt(page, {
    name: 'core-module',
    source:
      'npm:@bytecodealliance/jco@1.34.0/lib/wasi_snapshot_preview1.reactor.wasm',
  });

  await expectFailure(
    page,
    'The module is a core module that cannot be served: it does not export wasi:http/incoming-handler. Build it for wasm32-wasip2',
  );
  await expectNothingLeft(request, 'core-module');
});

test('a run that the cluster refuses goes on from there with Retry, once the cause is gone', async ({
  page,
  request,
}) => {
  const name = 'goes-on';
  const namespace = 'made-later';
  await fillFirstPage(page, name);
  await page.getByRole('textbox', { name: /^Namespace/ }).fill(namespace);
  await startTemplate(page);
  await expectFailure(
    page,
    `namespace "${namespace}" does not exist. Create the namespace, or choose another.`,
  );
  const published = await findHead(request, name);
  expect(published).toBeDefined();

  await createNamespace(namespace);
  await page.getByRole('button', { name: 'Retry', exact: true }).click();
  const link = page.getByRole('link', { name: 'Call the function' });
  await expect(link).toBeVisible({ timeout: 120_000 });

  const answer = await request.get((await link.getAttribute('href'))!);
  expect(answer.status()).toBe(200);
  expect(await findHead(request, name)).toBe(published);
  expect((await findModule(name, namespace))?.metadata.generation).toBe(1);
});

test('an image that cannot be pulled is shown with reason, message and remedy, until it is corrected', async ({
  page,
}) => {
  const { image } = (await findModule(NAME))!.spec;
  await deleteModule(NAME);
  await createModule({
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: {
      name: NAME,
      annotations: { 'backstage.io/entity-ref': `component:default/${NAME}` },
    },
    spec: { image: `${readPlatform().registry.host}/functions/none:latest` },
  });

  await page.goto(`/catalog/default/component/${NAME}`);
  await page.getByRole('link', { name: 'WebAssembly', exact: true }).click();
  const health = page.getByRole('region', { name: 'Health' });
  await expect(health.getByText('Failed', { exact: true })).toBeVisible();
  await expect(health).toContainText(
    'The module failed: the image cannot be pulled.',
  );
  await expect(health).toContainText(
    'Check reference, that it can be pulled anonymously, and the insecure-registry setting.',
  );
  await expect(page.getByRole('row', { name: /^Ready False/ })).toContainText(
    /RevisionFailed.*manifest unknown/s,
  );
  await expect(
    page.getByText('Check repository, tag and digest.').first(),
  ).toBeVisible();
  await pictureOfAll(page, 'entity-failed');

  await patchModule(NAME, { spec: { image } });
  await expect(health.getByText('Ready', { exact: true })).toBeVisible();
});

async function fillFirstPage(page: Page, name: string): Promise<void> {
  await page.goto('/create/templates/default/wasi-function');
  await page.getByRole('textbox', { name: /^Name/ }).fill(name);
  await page
    .getByRole('radio', { name: /WebAssembly text/ })
    .check({ force: true });
  await chooseOwner(page);
  await page.getByRole('button', { name: 'Next' }).click();
}

async function expectFailure(page: Page, message: string): Promise<void> {
  // The details of the panel repeat the message, folded away.
  await expect(
    page.getByText(message).filter({ visible: true }).first(),
  ).toBeVisible({ timeout: 60_000 });
  await expect(
    page.getByRole('link', { name: 'Open in the catalog' }),
  ).toBeHidden();
}

async function expectNothingLeft(
  request: Parameters<typeof findHead>[0],
  name: string,
): Promise<void> {
  expect(await findHead(request, name)).toBeUndefined();
  expect(await findModule(name)).toBeUndefined();
}

/** Template runs that the page starts. */
function listenForTasks(page: Page): string[] {
  const sent: string[] = [];
  page.on('request', request => {
    if (
      request.method() === 'POST' &&
      request.url().endsWith('/api/scaffolder/v2/tasks')
    ) {
      sent.push(request.url());
    }
  });
  return sent;
}
