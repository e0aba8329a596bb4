import { hello, useClusters } from './__testUtils__/useClusters';
import type { ModuleWatchEvent, WasmModuleClient } from './types';

const { connect } = useClusters();

describe('a watch over the Kubernetes API', () => {
  async function collect(
    client: WasmModuleClient,
  ): Promise<ModuleWatchEvent[]> {
    const events: ModuleWatchEvent[] = [];
    for await (const event of client.watch({ resourceVersion: '7' })) {
      events.push(event);
    }
    return events;
  }

  it('tells changes and bookmarks, also where a line comes in pieces', async () => {
    const lines = `${JSON.stringify({ type: 'MODIFIED', object: hello })}
${JSON.stringify({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion: '9' } },
})}
`;
    const { client, requests } = await connect(() => ({
      stream: response => {
        response.write(lines.slice(0, 30), () => {
          response.end(lines.slice(30));
        });
      },
    }));

    await expect(collect(client)).resolves.toEqual([
      { type: 'OPENED' },
      { type: 'MODIFIED', module: hello },
      { type: 'BOOKMARK', resourceVersion: '9' },
    ]);
    expect(requests[0].query).toMatchObject({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '7',
    });
  });

  it.each([
    { how: 'by status', answer: { status: 410, json: { code: 410 } } },
    {
      how: 'in the stream',
      answer: {
        stream: (response: any) =>
          response.end(
            `${JSON.stringify({ type: 'ERROR', object: { code: 410 } })}\n`,
          ),
      },
    },
  ])(
    'ends as expired where the version is forgotten, told $how',
    async ({ answer }) => {
      const { client } = await connect(() => answer);

      const events = await collect(client);

      expect(events.at(-1)).toEqual({ type: 'EXPIRED' });
    },
  );

  it('fails on a line that is no event rather than losing a change', async () => {
    const { client } = await connect(() => ({
      stream: response => {
        response.end('{"type":\n');
      },
    }));

    await expect(collect(client)).rejects.toMatchObject({
      code: 'CLUSTER_UNEXPECTED',
    });
  });

  it('closes the connection when nobody reads on', async () => {
    let closed = () => {};
    const wasClosed = new Promise<void>(resolve => {
      closed = resolve;
    });
    const { client } = await connect(() => ({
      stream: response => {
        response.on('close', closed);
        response.write(`${JSON.stringify({ type: 'ADDED', object: hello })}\n`);
      },
    }));

    for await (const event of client.watch({ resourceVersion: '7' })) {
      if (event.type === 'ADDED') {
        break;
      }
    }

    await expect(wasClosed).resolves.toBeUndefined();
  });
});
