import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModuleLogs } from './ModuleLogs';

describe('ModuleLogs', () => {
  let directory: string;
  let second = 0;
  const now = () => new Date(Date.UTC(2026, 0, 1, 0, 0, second++));

  beforeEach(async () => {
    second = 0;
    directory = await mkdtemp(join(tmpdir(), 'wasi-logs-test-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  async function read(
    logs: ModuleLogs,
    pod: string,
    options: Parameters<ModuleLogs['read']>[2] = {},
  ) {
    const lines: string[] = [];
    for await (const line of logs.read('default', pod, options)) {
      lines.push(line);
    }
    return lines;
  }

  it('tells after a restart what was printed before, with its instants', async () => {
    const before = new ModuleLogs(directory, now);
    await before.open('default', 'pod');
    before.write('default', 'pod', 'größer ✓');
    before.write('default', 'pod', '');
    await before.close('default', 'pod');
    const after = new ModuleLogs(directory, now);
    await after.open('default', 'pod');
    after.write('default', 'pod', 'later');
    expect(await read(after, 'pod', { timestamps: true })).toEqual([
      '2026-01-01T00:00:00.000Z größer ✓',
      '2026-01-01T00:00:01.000Z ',
      '2026-01-01T00:00:02.000Z later',
    ]);
    expect(
      await read(after, 'pod', {
        sinceTime: new Date('2026-01-01T00:00:01Z'),
        tailLines: 5,
      }),
    ).toEqual(['', 'later']);
  });

  it('holds the last lines of a flood, in memory and on disk', async () => {
    const logs = new ModuleLogs(directory, now);
    await logs.open('default', 'pod');
    const text = 'x'.repeat(1_000);
    for (let count = 0; count < 8_000; count++) {
      logs.write('default', 'pod', `${count} ${text}`);
    }
    const inMemory = await read(logs, 'pod');
    expect(inMemory.at(-1)).toBe(`7999 ${text}`);
    expect(inMemory.join('').length).toBeLessThanOrEqual(2 * 1024 * 1024);
    await logs.close('default', 'pod');
    const sizes = await Promise.all(
      (
        await readdir(directory)
      ).map(async name => (await stat(join(directory, name))).size),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(
      4 * 1024 * 1024,
    );
    await logs.open('default', 'pod');
    expect((await read(logs, 'pod')).at(-1)).toBe(`7999 ${text}`);
  });

  it('ends whoever follows when the pod goes, and keeps nothing of it', async () => {
    const logs = new ModuleLogs(directory, now);
    await logs.open('default', 'pod');
    await logs.open('default', 'other');
    logs.write('default', 'pod', 'first');
    const following = read(logs, 'pod', { follow: true });
    logs.write('default', 'pod', 'last');
    await logs.remove('default', 'pod');
    expect(await following).toEqual(['first', 'last']);
    logs.write('default', 'other', 'kept');
    await logs.close('default', 'other');
    expect(await readdir(directory)).toEqual(['default~other.log']);
  });

  it('removes the logs of pods that are gone since', async () => {
    const logs = new ModuleLogs(directory, now);
    for (const pod of ['kept', 'gone']) {
      await logs.open('default', pod);
      logs.write('default', pod, 'line');
      await logs.close('default', pod);
    }
    await logs.keepOnly(new Set(['default/kept']));
    expect(await readdir(directory)).toEqual(['default~kept.log']);
  });
});
