import type { People } from './checkSignIn';

/** The function that most checks are about. */
export const MODULE = 'shop-cart';

/** Starts the template `wasi-function`. */
export async function startTemplate(
  people: People,
  values: { name: string; namespace: string; registry: string },
): Promise<string> {
  const { id } = await people.ask('api/scaffolder/v2/tasks', {
    templateRef: 'template:default/wasi-function',
    values: {
      runtime: 'wat-wasi',
      owner: 'group:default/platform',
      env: [],
      ...values,
    },
  });
  return id;
}

/** Waits until a run has ended. */
export async function templateEnd(
  people: People,
  id: string,
): Promise<{ status: string; log: string }> {
  for (;;) {
    const { status } = await people.ask(`api/scaffolder/v2/tasks/${id}`);
    if (status !== 'open' && status !== 'processing') {
      const events = await people.ask(`api/scaffolder/v2/tasks/${id}/events`);
      const log = events.map(({ body }: any) =>
        [body.message, body.error?.message].filter(Boolean).join(' '),
      );
      return { status, log: log.join('\n') };
    }
    await new Promise(done => setTimeout(done, 200));
  }
}

/** Runs it to its end. */
export async function runTemplate(
  people: People,
  values: { name: string; namespace: string; registry: string },
): Promise<{ status: string; log: string }> {
  return templateEnd(people, await startTemplate(people, values));
}
