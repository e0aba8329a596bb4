import { type APIRequestContext, expect } from '@playwright/test';
import { portal, readPlatform } from './portal';

const backendUrl = `http://localhost:${portal.environment.WASI_BACKEND_PORT}`;

/** What a template run came to. */
export interface TemplateRun {
  status: string;
  output: { links?: { title: string; url?: string }[] };
}

/** Runs a template as a guest, past the form, for tests that need a function to begin with. */
export async function runTemplate(
  request: APIRequestContext,
  template: string,
  values: { name: string; [field: string]: unknown },
): Promise<TemplateRun> {
  const headers = await signInHeaders(request);
  // A portal that was just started reads its templates while it answers already.
  await expect
    .poll(async () => {
      const answer = await request.get(
        `${backendUrl}/api/catalog/entities/by-name/template/default/${template}`,
        { headers },
      );
      return answer.status();
    })
    .toBe(200);
  const started = await request.post(`${backendUrl}/api/scaffolder/v2/tasks`, {
    headers,
    data: {
      templateRef: `template:default/${template}`,
      values: {
        owner: 'group:default/platform',
        registry: `${readPlatform().registry.host}/functions`,
        namespace: 'default',
        env: [],
        ...values,
      },
    },
  });
  expect(started.status()).toBe(201);
  const { id } = await started.json();
  let task: { status: string } = { status: 'open' };
  await expect
    .poll(
      async () => {
        const answer = await request.get(
          `${backendUrl}/api/scaffolder/v2/tasks/${id}`,
          { headers },
        );
        task = await answer.json();
        return task.status;
      },
      { timeout: 120_000 },
    )
    .not.toMatch(/open|processing/);
  const events: { type: string; body: { output?: TemplateRun['output'] } }[] =
    await (
      await request.get(`${backendUrl}/api/scaffolder/v2/tasks/${id}/events`, {
        headers,
      })
    ).json();
  const completion = events.find(({ type }) => type === 'completion');
  return { status: task.status, output: completion?.body.output ?? {} };
}

/** The head of a repository on the local git host; none where there is no repository. */
export async function findHead(
  request: APIRequestContext,
  name: string,
): Promise<string | undefined> {
  const answer = await request.get(
    `${
      readPlatform().git.baseUrl
    }/api/v1/repos/functions/${name}/branches/main`,
  );
  if (answer.status() === 404) {
    return undefined;
  }
  expect(answer.status()).toBe(200);
  return (await answer.json()).commit.id;
}

/** Changes a file of a repository on the local git host, as a developer's push does. */
export async function changeFile(
  request: APIRequestContext,
  name: string,
  path: string,
  change: (text: string) => string,
): Promise<void> {
  const { baseUrl, username, password } = readPlatform().git;
  const url = `${baseUrl}/api/v1/repos/functions/${name}/contents/${path}`;
  const file = await (await request.get(`${url}?ref=main`)).json();
  const text = Buffer.from(file.content, 'base64').toString();
  const answer = await request.put(url, {
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString(
        'base64',
      )}`,
    },
    data: {
      branch: 'main',
      content: Buffer.from(change(text)).toString('base64'),
      message: `Change ${path}`,
      sha: file.sha,
    },
  });
  expect(answer.status()).toBe(200);
}

async function signInHeaders(
  request: APIRequestContext,
): Promise<{ authorization: string }> {
  const answer = await request.post(`${backendUrl}/api/auth/guest/refresh`);
  const { backstageIdentity } = await answer.json();
  return { authorization: `Bearer ${backstageIdentity.token}` };
}
