import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from './Journal';
import { VersionedObjects } from './VersionedObjects';

const key = (name: string, namespace = 'default') => ({
  resource: 'configmaps',
  namespace,
  name,
});
const object = (name: string, data = '', namespace = 'default') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data: { value: data },
});

describe('VersionedObjects', () => {
  let directory: string;
  let open: VersionedObjects[];
  const start = (historyLength?: number) => {
    const objects = VersionedObjects.open(directory, {
      firstVersion: 100,
      historyLength,
    });
    open.push(objects);
    return objects;
  };
  const names = (objects?: { metadata: { name: string } }[]) =>
    objects?.map(one => one.metadata.name);

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'objects-'));
    open = [];
  });
  afterEach(() => {
    open.forEach(objects => objects.close());
    rmSync(directory, { recursive: true, force: true });
  });

  it('has what a process that was killed had written', () => {
    const before = start();
    before.put(key('a'), object('a', '1'));
    before.put(key('b'), object('b'));
    before.put(key('a'), object('a', '2'));
    before.remove(key('b'));
    // Not closed, as if killed.
    const after = start();
    expect(after.currentVersion).toBe(104);
    expect(after.list('configmaps')).toEqual([
      {
        ...object('a', '2'),
        metadata: { name: 'a', namespace: 'default', resourceVersion: '103' },
      },
    ]);
  });

  it('drops the last change where it was cut off, and writes on after it', () => {
    start().put(key('a'), object('a'));
    const log = join(directory, 'changes.jsonl');
    appendFileSync(log, '{"version":102,"resource":"config');
    start().put(key('b'), object('b'));
    expect(names(start().list('configmaps'))).toEqual(['a', 'b']);
    expect(readFileSync(log, 'utf8').split('\n')).toHaveLength(3);
  });

  it('refuses a log that is damaged in the middle', () => {
    start().put(key('a'), object('a'));
    const log = join(directory, 'changes.jsonl');
    writeFileSync(log, `nonsense\n${readFileSync(log, 'utf8')}`);
    expect(() => start()).toThrow(
      expect.objectContaining({
        code: 'LOCAL_STATE_DAMAGED',
        message: expect.stringContaining('changes.jsonl:1'),
      }),
    );
  });

  it('ignores changes that the snapshot has already', () => {
    start().put(key('a'), object('a'));
    const { journal, records } = Journal.open(directory);
    const log = readFileSync(join(directory, 'changes.jsonl'));
    journal.compact({ version: 101, records });
    journal.close();
    // As if killed between the snapshot and the emptying of the log.
    writeFileSync(join(directory, 'changes.jsonl'), log);
    const after = start();
    expect(after.currentVersion).toBe(101);
    expect(after.changesSince(101)).toEqual([]);
    expect(after.changesSince(100)).toBeUndefined();
    expect(names(after.list('configmaps'))).toEqual(['a']);
  });

  it('puts a long log into a snapshot', () => {
    const before = start();
    const text = 'x'.repeat(1024 * 1024);
    for (let count = 0; count < 9; count += 1) {
      before.put(key('a'), object('a', `${count}${text}`));
    }
    expect(readFileSync(join(directory, 'changes.jsonl')).length).toBeLessThan(
      2 * 1024 * 1024,
    );
    expect(start().get(key('a'))).toEqual(before.get(key('a')));
  });

  it('lists one namespace, sorted', () => {
    const objects = start();
    objects.put(key('b'), object('b'));
    objects.put(key('a'), object('a'));
    objects.put(key('c', 'default-too'), object('c', '', 'default-too'));
    expect(names(objects.list('configmaps', 'default'))).toEqual(['a', 'b']);
    expect(names(objects.list('configmaps'))).toHaveLength(3);
  });

  it('remembers what there was, as far as its history goes', () => {
    const objects = start(2);
    objects.put(key('a'), object('a'));
    objects.put(key('b'), object('b'));
    objects.remove(key('a'));
    expect(names(objects.listAt(102, 'configmaps'))).toEqual(['a', 'b']);
    expect(names(objects.listAt(101, 'configmaps'))).toEqual(['a']);
    expect(objects.listAt(100, 'configmaps')).toBeUndefined();
  });

  it('tells every listener of changes in their order, also of those that a listener makes', () => {
    const objects = start();
    const heard: string[] = [];
    objects.subscribe(({ key: { name } }) => {
      if (name === 'a') {
        objects.put(key('b'), object('b'));
      }
    });
    const end = objects.subscribe(({ version, key: { name } }) =>
      heard.push(`${version} ${name}`),
    );
    objects.put(key('a'), object('a'));
    end();
    objects.put(key('c'), object('c'));
    expect(heard).toEqual(['101 a', '102 b']);
  });
});
