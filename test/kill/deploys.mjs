import { waitForEnd } from './processes.mjs';
import { call, signIn } from './templateRun.mjs';

const SETTLE_MS = 180_000;
const ENDED = ['succeeded', 'failed', 'superseded', 'unknown'];

/**
 * Kills the backend at random points while it deploys changes of modules, one after the
 * other for each, and checks that the history tells each change that the cluster has.
 *
 * @param names - entities with a module of the same name.
 * @returns `killed`: how often; `states`: how deploys ended; `failures`: what is not as it should be.
 */
export async function killDuringDeploys(
  portal,
  { names, deploys, kills, random },
) {
  const failures = [];
  const answered = new Map(names.map(name => [name, []]));
  const before = new Map();
  for (const name of names) {
    const [row] = (await history(portal, name)).items;
    before.set(name, row?.id);
  }

  let left = deploys;
  let killed = 0;
  const clients = names.map(async name => {
    while (left > 0) {
      left -= 1;
      const number = deploys - left;
      const generation = await deploy(portal, name, number);
      if (generation !== undefined) {
        answered.get(name).push(generation);
      }
    }
  });
  const killer = (async () => {
    // By what is done, not by the clock: so it hits on a quick machine as on a busy one.
    const points = Array.from(
      { length: kills },
      () => random() * deploys * 0.9,
    ).sort((a, b) => a - b);
    for (const point of points) {
      while (deploys - left < point && left > 0) {
        await pause(5);
      }
      await pause(60 * random());
      await portal.kill('backend');
      killed += 1;
      await portal.restart('backend');
    }
  })();
  await Promise.all([...clients, killer]);

  const states = {};
  for (const name of names) {
    const rows = await settledHistory(portal, name, before.get(name));
    for (const { state } of rows) {
      states[state] = (states[state] ?? 0) + 1;
    }
    failures.push(
      ...(await checkHistory(portal, {
        name,
        rows,
        answered: answered.get(name),
      })),
    );
  }
  await waitForEnd(portal.orphans());
  return { killed, states, failures };
}

/** One change; answers with its generation, or with nothing where no answer came. */
async function deploy(portal, name, number) {
  for (;;) {
    try {
      portal.token ??= await signIn(portal);
      const answer = await fetch(`${portal.backendUrl}${modulePath(name)}`, {
        method: 'PATCH',
        headers: {
          authorization: `Bearer ${portal.token}`,
          'content-type': 'application/merge-patch+json',
        },
        body: JSON.stringify({ spec: { args: [`deploy-${number}`] } }),
        signal: AbortSignal.timeout(60_000),
      });
      if (answer.ok) {
        return (await answer.json()).module.metadata.generation;
      }
      if (answer.status === 401) {
        portal.token = undefined;
      } else if (answer.status !== 503 && answer.status !== 404) {
        return undefined;
      }
      // 404 and 503 are what a backend says whose plugins are not there yet.
    } catch (error) {
      if (error.cause?.code !== 'ECONNREFUSED') {
        // It may have begun: the history has to know.
        return undefined;
      }
    }
    await pause(100);
  }
}

async function checkHistory(portal, { name, rows, answered }) {
  const failures = [];
  const module = await call(
    portal,
    'GET',
    modulePath(name).slice('/api/'.length),
  );
  const { generation } = module.module.metadata;
  const generations = rows
    .map(row => row.generation)
    .filter(value => value !== undefined)
    .sort((a, b) => a - b);
  const twice = generations.filter(
    (value, index) => generations[index - 1] === value,
  );
  if (twice.length > 0) {
    failures.push(`${name}: generations ${twice} are told twice`);
  }
  for (const value of answered) {
    if (!generations.includes(value)) {
      failures.push(
        `${name}: generation ${value} was answered and is not told`,
      );
    }
  }
  const first = generations[0] ?? generation;
  const missing = [];
  for (let value = first; value <= generation; value += 1) {
    if (!generations.includes(value)) {
      missing.push(value);
    }
  }
  // What a killed backend had begun is told as unknown where others came before it was settled.
  const unsettled = rows.filter(
    row => row.state === 'unknown' && row.generation === undefined,
  );
  if (missing.length > unsettled.length) {
    failures.push(
      `${name}: the cluster has generations ${missing}, the history has ${unsettled.length} that it does not know the end of`,
    );
  }
  for (const row of rows) {
    if (!ENDED.includes(row.state)) {
      failures.push(`${name}: ${row.id} is still ${row.state}`);
    }
    if (['failed', 'unknown'].includes(row.state) && !row.message) {
      failures.push(`${name}: ${row.id} is ${row.state} without a reason`);
    }
    if (row.origin === 'cluster') {
      failures.push(`${name}: ${row.id} is told as a change of somebody else`);
    }
  }
  const last = rows.find(row => row.generation === generation);
  if (module.health.state === 'ready' && last && last.state !== 'succeeded') {
    failures.push(
      `${name}: generation ${generation} is ready and told as ${last.state}`,
    );
  }
  return failures;
}

/** The rows since an earlier one, once none of them is on its way. */
async function settledHistory(portal, name, since) {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    const rows = [];
    let next;
    do {
      const page = await history(portal, name, next);
      rows.push(...page.items);
      next = rows.some(({ id }) => id === since) ? undefined : page.next;
    } while (next);
    const end = rows.findIndex(({ id }) => id === since);
    const fresh = end < 0 ? rows : rows.slice(0, end);
    if (
      fresh.every(({ state }) => state !== 'running') ||
      Date.now() > deadline
    ) {
      return fresh;
    }
    await pause(500);
  }
}

function history(portal, name, cursor) {
  const query = cursor ? `?cursor=${encodeURIComponent(cursor)}` : '';
  return call(
    portal,
    'GET',
    `wasi/v1/entities/component/default/${name}/deployments${query}`,
  );
}

function modulePath(name) {
  return `/api/wasi/v1/entities/component/default/${name}/modules/local/default/${name}`;
}

function pause(milliseconds) {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
