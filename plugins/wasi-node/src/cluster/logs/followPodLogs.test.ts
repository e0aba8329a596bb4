import type { ServerResponse } from 'node:http';
import type { LogLine } from '@wasi-functions/backstage-plugin-wasi-common';
import { ref, useClusters } from '../__testUtils__/useClusters';

const { connect } = useClusters();

/** Pods whose logs the test writes. */
class Pods {
  names: string[] = [];
  readonly open = new Map<string, ServerResponse>();
  opened: (pod: string) => void = () => {};

  readonly answer = ({ path }: { path: string }) => {
    if (path.endsWith('/pods')) {
      return {
        json: { items: this.names.map(name => ({ metadata: { name } })) },
      };
    }
    const pod = path.split('/').at(-2)!;
    return {
      stream: (response: ServerResponse) => {
        this.open.set(pod, response);
        this.opened(pod);
      },
    };
  };

  async untilOpen(pod: string): Promise<ServerResponse> {
    while (!this.open.has(pod)) {
      await new Promise<void>(resolve => {
        this.opened = () => resolve();
      });
    }
    return this.open.get(pod)!;
  }
}

async function take(
  lines: AsyncIterator<LogLine>,
  count: number,
): Promise<LogLine[]> {
  const taken: LogLine[] = [];
  while (taken.length < count) {
    taken.push((await lines.next()).value);
  }
  return taken;
}

describe('following the logs of a module', () => {
  let abort: AbortController;
  let pods: Pods;

  beforeEach(() => {
    abort = new AbortController();
    pods = new Pods();
  });

  afterEach(() => abort.abort());

  it('tells lines as they are written, when, and by whom', async () => {
    pods.names = ['one'];
    const { client, requests } = await connect(pods.answer);
    const followed = await client.followLogs(ref, {
      tailLines: 20,
      signal: abort.signal,
    });
    const lines = followed[Symbol.asyncIterator]();
    const first = take(lines, 2);
    const log = await pods.untilOpen('one');

    log.write('2026-01-01T00:00:01.5Z   indented\n2026-01-01T00:00:02Z [WASM');
    log.write('-RUNNER] DENIED: 10.0.0.1:80\n');

    await expect(first).resolves.toEqual([
      { line: '  indented', at: '2026-01-01T00:00:01.5Z', source: 'module' },
      {
        line: '[WASM-RUNNER] DENIED: 10.0.0.1:80',
        at: '2026-01-01T00:00:02Z',
        source: 'runner',
      },
    ]);
    expect(requests.at(-1)?.query).toEqual({
      container: 'user-container',
      follow: 'true',
      timestamps: 'true',
      tailLines: '20',
    });
  });

  it('takes up a log that ended without telling a line twice, and a pod that comes later from its start', async () => {
    pods.names = ['one'];
    const { client, requests } = await connect(pods.answer);
    const followed = await client.followLogs(ref, { signal: abort.signal });
    const lines = followed[Symbol.asyncIterator]();
    const first = take(lines, 1);
    (await pods.untilOpen('one')).write('2026-01-01T00:00:01.25Z a\n');
    await first;

    pods.names = ['two', 'one'];
    const [log] = pods.open.values();
    pods.open.clear();
    log.end();
    const rest = take(lines, 2);
    (await pods.untilOpen('one')).write(
      '2026-01-01T00:00:01.25Z a\n2026-01-01T00:00:01.3Z b\n',
    );
    (await pods.untilOpen('two')).write('2026-01-01T00:00:02Z c\n');

    expect((await rest).map(({ line }) => line).sort()).toEqual(['b', 'c']);
    expect(
      requests
        .slice(-2)
        .map(({ query }) => query)
        .sort((a, b) => Number('sinceTime' in a) - Number('sinceTime' in b)),
    ).toEqual([
      { container: 'user-container', follow: 'true', timestamps: 'true' },
      {
        container: 'user-container',
        follow: 'true',
        timestamps: 'true',
        sinceTime: '2026-01-01T00:00:01Z',
      },
    ]);
  });

  it('waits for a pod to start', async () => {
    let asked = 0;
    const { client } = await connect(request => {
      if (request.path.endsWith('/log')) {
        asked += 1;
        if (asked === 1) {
          return { status: 400, json: { message: 'is waiting to start' } };
        }
      }
      return pods.answer(request);
    });
    pods.names = ['one'];
    const followed = await client.followLogs(ref, { signal: abort.signal });
    const first = take(followed[Symbol.asyncIterator](), 1);
    (await pods.untilOpen('one')).write('2026-01-01T00:00:01Z up\n');

    expect((await first)[0].line).toBe('up');
  });

  it('ends with the signal, and lets go of the cluster', async () => {
    pods.names = ['one'];
    const { client } = await connect(pods.answer);
    const followed = await client.followLogs(ref, { signal: abort.signal });
    const next = followed[Symbol.asyncIterator]().next();
    const log = await pods.untilOpen('one');
    const closed = new Promise(resolve => log.on('close', resolve));

    abort.abort();

    await expect(next).resolves.toEqual({ done: true, value: undefined });
    await closed;
  });

  it('says that it may not read the pods, at once', async () => {
    const { client } = await connect(() => ({
      status: 403,
      json: { message: 'pods is forbidden' },
    }));

    await expect(
      client.followLogs(ref, { signal: abort.signal }),
    ).rejects.toMatchObject({ code: 'CLUSTER_FORBIDDEN' });
  });

  it('says that it may not read the log', async () => {
    const { client } = await connect(request =>
      request.path.endsWith('/log')
        ? { status: 403, json: { message: 'pods/log is forbidden' } }
        : pods.answer(request),
    );
    pods.names = ['one'];
    const followed = await client.followLogs(ref, { signal: abort.signal });

    await expect(followed[Symbol.asyncIterator]().next()).rejects.toMatchObject(
      { code: 'CLUSTER_FORBIDDEN' },
    );
  });
});
