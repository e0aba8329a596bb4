import { WatchedEvents } from '@wasi-functions/local-platform/testing';
import { MERGE, TABLE, type Answer, type Scene } from '../Scene';

export function describeWatch(scene: Scene) {
  const { send, create } = scene;
  describe('watch', () => {
    let watch: WatchedEvents | undefined;
    const open = async (query: string, accept?: string) => {
      watch = await WatchedEvents.open(
        scene.target,
        `${scene.modules}?watch=true&${query}`,
        { accept },
      );
      return watch;
    };
    const told = ({ type, object }: Answer) => [
      type,
      object.metadata.name,
      object.metadata.labels?.a,
    ];
    const label = (name: string, value: string | null) =>
      send('PATCH', `${scene.modules}/${name}`, {
        contentType: MERGE,
        body: { metadata: { labels: { a: value } } },
      });
    afterEach(() => watch?.close());

    it('goes on from a version', async () => {
      const one = await create('one');
      await create('two');
      const events = await open(
        `resourceVersion=${one.metadata.resourceVersion}`,
      );
      await label('one', '1');
      await send('DELETE', `${scene.modules}/two`);
      expect(told(await events.next())).toEqual(['ADDED', 'two', undefined]);
      expect(told(await events.next())).toEqual(['MODIFIED', 'one', '1']);
      expect(told(await events.next())).toEqual(['DELETED', 'two', undefined]);
    });

    it('tells first what exists where no version is given', async () => {
      await create('one');
      const events = await open('');
      expect(told(await events.next())).toEqual(['ADDED', 'one', undefined]);
      await create('two');
      expect(told(await events.next())).toEqual(['ADDED', 'two', undefined]);
    });

    it('tells of objects that come into and go out of a selection', async () => {
      const one = await create('one');
      const events = await open(
        `labelSelector=a%3D1&resourceVersion=${one.metadata.resourceVersion}`,
      );
      await label('one', '1');
      await label('one', '2');
      await label('one', null);
      await label('one', '1');
      expect(told(await events.next())).toEqual(['ADDED', 'one', '1']);
      expect((await events.next()).type).toBe('DELETED');
      expect(told(await events.next())).toEqual(['ADDED', 'one', '1']);
    });

    it('streams what exists, then says that this is all of it', async () => {
      await create('one');
      const events = await open(
        'sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan',
      );
      expect(told(await events.next())).toEqual(['ADDED', 'one', undefined]);
      const bookmark = await events.next();
      expect(bookmark.type).toBe('BOOKMARK');
      expect(bookmark.object.kind).toBe('WasmModule');
      expect(bookmark.object.metadata.annotations).toEqual({
        'k8s.io/initial-events-end': 'true',
      });
    });

    it('ends at the timeout that was asked for', async () => {
      const events = await open('timeoutSeconds=1');
      expect(await events.next()).toBeUndefined();
    });

    it('prints rows, and the columns once', async () => {
      await create('one');
      const events = await open('', TABLE);
      const first = await events.next();
      await label('one', '1');
      const second = await events.next();
      expect(first.object.columnDefinitions).toHaveLength(4);
      expect(second.object.columnDefinitions ?? []).toEqual([]);
      expect(second.object.rows[0].cells[0]).toBe('one');
    });
  });
}
