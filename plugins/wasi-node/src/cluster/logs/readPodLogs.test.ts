import { ref, useClusters } from '../__testUtils__/useClusters';

const { connect } = useClusters();

describe('the logs of a module', () => {
  it('puts the log lines of several pods in order', async () => {
    const { client } = await connect(({ path }) => {
      if (path.endsWith('/pods')) {
        return {
          json: {
            items: ['one', 'two'].map(name => ({ metadata: { name } })),
          },
        };
      }
      return {
        text: path.includes('/one/')
          ? '2026-01-01T00:00:01Z first\n2026-01-01T00:00:03Z third\n'
          : '2026-01-01T00:00:02Z second\n',
      };
    });

    await expect(client.logs(ref, { tailLines: 2 })).resolves.toEqual([
      'second',
      'third',
    ]);
  });

  it('reads what a crashed container said while the next one waits to start', async () => {
    const { client } = await connect(({ path, query }) => {
      if (path.endsWith('/pods')) {
        return { json: { items: [{ metadata: { name: 'one' } }] } };
      }
      return query.previous
        ? { text: 'thread panicked\n' }
        : { status: 400, json: { message: 'waiting to start' } };
    });

    await expect(client.logs(ref)).resolves.toEqual(['thread panicked']);
  });
});
