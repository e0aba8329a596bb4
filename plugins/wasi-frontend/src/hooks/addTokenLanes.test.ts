import {
  WasiError,
  type ModuleListAnswer,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { readyModule } from '../__fixtures__/modules';
import { addTokenLanes } from './addTokenLanes';
import type { ModulesState } from './LiveState';

const empty: ModuleListAnswer = { items: [], problems: [], missing: [] };
const hello = readyModule(0);
const onGke = { ...hello, ref: { ...hello.ref, cluster: 'gke' } };
const missing = { cluster: 'gke', namespace: 'default', name: 'mailer' };
const dead = {
  cluster: 'gke',
  code: 'CLUSTER_UNREACHABLE' as const,
  message: 'gke did not answer.',
  remedy: 'Wait.',
};

function loaded(
  answer: Partial<ModuleListAnswer>,
): Extract<ModulesState, { phase: 'loaded' }> {
  return { phase: 'loaded', answer: { ...empty, ...answer }, receivedAt: 1 };
}
const failed = (error: WasiError): ModulesState => ({ phase: 'failed', error });
const signedOut = new WasiError('CLUSTER_TOKEN_MISSING', { message: 'None.' });
const gone = new WasiError('BACKEND_UNREACHABLE', { message: 'Gone.' });

function onPage(lane: ModulesState | undefined, expected = true) {
  return addTokenLanes(
    loaded({
      items: [hello],
      userTokens: [{ cluster: 'gke', provider: 'google', expected }],
    }),
    new Map(lane && [['gke', lane]]),
  );
}

describe('what clusters show to a token of the user', () => {
  it('stands beside what all others have', () => {
    expect(
      onPage(loaded({ items: [onGke], missing: [missing], problems: [dead] })),
    ).toEqual({
      state: loaded({
        items: [hello, onGke],
        missing: [missing],
        problems: [dead],
      }),
      signIns: [],
      awaits: false,
    });
  });

  it('keeps what else the answer says', () => {
    const { state } = addTokenLanes(
      loaded({ answeredAt: '2026-01-02T03:04:05Z' }),
      new Map(),
    );
    expect(state).toEqual(loaded({ answeredAt: '2026-01-02T03:04:05Z' }));
  });

  it('is asked for where the user is signed out', () => {
    expect(onPage(failed(signedOut))).toEqual({
      state: loaded({ items: [hello] }),
      signIns: [{ cluster: 'gke', provider: 'google', error: signedOut }],
      awaits: false,
    });
  });

  it.each([
    ['that has not been asked', undefined],
    ['that has not answered', { phase: 'loading' } as const],
  ])('is awaited of a cluster %s', (_, lane) => {
    expect(onPage(lane)).toMatchObject({ signIns: [], awaits: true });
  });

  it.each([
    ['a failure', failed(gone), 'Gone.'],
    ['what is old', { ...loaded({}), staleBecause: gone }, 'Gone.'],
    ['a problem', loaded({ problems: [dead] }), dead.message],
  ])('says of %s what it is', (_, lane, message) => {
    expect(onPage(lane).state).toMatchObject({
      answer: { problems: [{ cluster: 'gke', message }] },
    });
  });

  it.each([
    ['a failure', failed(gone)],
    ['a problem', loaded({ problems: [dead] })],
    ['nobody signed in', failed(signedOut)],
    ['no answer yet', undefined],
  ])('is no matter where the entity has no module, with %s', (_, lane) => {
    expect(onPage(lane, false)).toEqual({
      state: loaded({ items: [hello] }),
      signIns: [],
      awaits: false,
    });
  });

  it('says what is wrong where there are modules after all', () => {
    expect(
      onPage(loaded({ items: [onGke], problems: [dead] }), false).state,
    ).toEqual(loaded({ items: [hello, onGke], problems: [dead] }));
  });

  it('says once what each cluster would say of the entity', () => {
    const said = { ...dead, cluster: '' };
    const { state } = addTokenLanes(
      loaded({
        problems: [said],
        userTokens: [{ cluster: 'gke', provider: 'google', expected: true }],
      }),
      new Map([['gke', loaded({ problems: [said] })]]),
    );
    expect(state).toEqual(loaded({ problems: [said] }));
  });

  it('waits for what the others have', () => {
    const loading: ModulesState = { phase: 'loading' };
    expect(addTokenLanes(loading, new Map([['gke', loaded({})]]))).toEqual({
      state: loading,
      signIns: [],
      awaits: false,
    });
  });
});
