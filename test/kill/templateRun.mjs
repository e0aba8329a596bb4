const END_MS = 600_000;
const RETRIES = 4;

/** Starts the template `wasi-function` as a guest. */
export async function startRun(portal, { name, runtime }) {
  const { id } = await call(portal, 'POST', 'scaffolder/v2/tasks', {
    templateRef: 'template:default/wasi-function',
    values: {
      name,
      runtime,
      owner: 'group:default/platform',
      registry: `${portal.platform.registry.host}/functions`,
      namespace: 'default',
      env: [],
    },
  });
  return { id, name };
}

/**
 * Waits for the end of a run, and retries it as a user would where it is reported failed.
 *
 * @returns `outcome`: untouched, continued (by itself after a restart), or resumed (by
 * Retry); `reports`: what it said whenever it was failed.
 */
export async function finishRun(portal, run) {
  const reports = [];
  const faults = [];
  for (;;) {
    const { status } = await waitForRun(portal, run);
    const events = await eventsOf(portal, run.id);
    if (status === 'completed') {
      const recovered = events.some(({ type }) => type === 'recovered');
      run.faults = faults;
      return {
        reports,
        outcome:
          reports.length > 0
            ? 'resumed'
            : recovered
            ? 'continued'
            : 'untouched',
        // With this strategy the events begin with the last recovery.
        step: recovered ? steps(events).begun[0] : undefined,
      };
    }
    const { done } = steps(events);
    const error = events.find(({ type }) => type === 'completion')?.body.error;
    reports.push(
      `${[...done].at(-1) ?? 'nothing'} was done, then ${
        error?.message ?? 'NOTHING SAID'
      }`.replace(/\s+/g, ' '),
    );
    if (!error?.message) {
      faults.push('failed without a reason');
    }
    if (reports.length > RETRIES) {
      run.faults = [...faults, `still ${status}: ${reports.at(-1)}`];
      return { reports, outcome: 'failed' };
    }
    await call(portal, 'POST', `scaffolder/v2/tasks/${run.id}/retry`, {});
    await waitForRun(portal, run);
    const again = steps(await eventsOf(portal, run.id)).begun;
    for (const step of done) {
      if (again.includes(step)) {
        faults.push(`step ${step} was done again`);
      }
    }
  }
}

/** Calls the backend as a guest, waiting for one that starts. */
export async function call(portal, method, path, body) {
  const deadline = Date.now() + END_MS;
  for (;;) {
    try {
      portal.token ??= await signIn(portal);
      const answer = await request(portal, method, path, body);
      if (answer.ok) {
        return await answer.json();
      }
      if (answer.status === 401) {
        portal.token = undefined;
      } else if (answer.status < 500) {
        return { status: answer.status, ...(await answer.json()) };
      }
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
    }
    if (Date.now() > deadline) {
      throw new Error(`${method} ${path} was not answered`);
    }
    await pause(250);
  }
}

/** The token of a guest. */
export async function signIn(portal) {
  const answer = await request(portal, 'POST', 'auth/guest/refresh');
  return (await answer.json()).backstageIdentity.token;
}

function request(portal, method, path, body) {
  return fetch(`${portal.backendUrl}/api/${path}`, {
    method,
    headers: {
      ...(portal.token && { authorization: `Bearer ${portal.token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });
}

/** Waits until a run is completed, failed or cancelled. */
export async function waitForRun(portal, { id }) {
  const deadline = Date.now() + END_MS;
  for (;;) {
    const task = await call(portal, 'GET', `scaffolder/v2/tasks/${id}`);
    if (!['open', 'processing'].includes(task.status)) {
      return task;
    }
    if (Date.now() > deadline) {
      throw new Error(`run ${id} is still ${task.status}`);
    }
    await pause(500);
  }
}

/** Waits until a run has come to a step, or to its end. */
export async function waitForStep(portal, { id }, step) {
  const deadline = Date.now() + END_MS;
  while (Date.now() < deadline) {
    const events = await eventsOf(portal, id);
    if (
      steps(events).begun.includes(step) ||
      events.some(({ type }) => type === 'completion')
    ) {
      return;
    }
    await pause(50);
  }
}

function eventsOf(portal, id) {
  return call(portal, 'GET', `scaffolder/v2/tasks/${id}/events`);
}

function steps(events) {
  const begun = [];
  const ended = new Set();
  const done = new Set();
  for (const { body } of events) {
    if (body.stepId && body.status === 'processing') {
      begun.push(body.stepId);
      ended.delete(body.stepId);
    }
    if (body.stepId && ['completed', 'failed'].includes(body.status)) {
      ended.add(body.stepId);
    }
    if (body.stepId && body.status === 'completed') {
      done.add(body.stepId);
    }
  }
  return { begun, ended, done };
}

function pause(milliseconds) {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
