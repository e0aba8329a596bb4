import { volumeRows } from './volumeRows';

describe('volumeRows', () => {
  it('joins volumes with their mounts and loses neither a lone volume nor a lone mount', () => {
    expect(
      volumeRows(
        [
          { name: 'a', secret: { secretName: 's' } },
          { name: 'b', persistentVolumeClaim: { claimName: 'c' } },
          { name: 'd', nfs: { server: 'x' } },
        ],
        [
          { name: 'a', mountPath: '/one', readOnly: true },
          { name: 'a', mountPath: '/two', subPath: 'x' },
          { name: 'gone', mountPath: '/three' },
        ],
      ),
    ).toEqual([
      { name: 'a', source: 'secret s', mountPath: '/one', readOnly: true },
      {
        name: 'a',
        source: 'secret s',
        mountPath: '/two',
        subPath: 'x',
        readOnly: false,
      },
      { name: 'b', source: 'persistentVolumeClaim c', readOnly: false },
      { name: 'd', source: 'nfs', readOnly: false },
      { name: 'gone', mountPath: '/three', readOnly: false },
    ]);
  });
});
