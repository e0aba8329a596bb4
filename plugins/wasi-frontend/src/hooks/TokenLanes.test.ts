import {
  WasiError,
  type ModuleListAnswer,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { progressingModule, readyModule } from '../__fixtures__/modules';
import { TokenLanes, type LaneStates } from './TokenLanes';

const empty: ModuleListAnswer = { items: [], problems: [], missing: [] };

describe('clusters that are asked one by one', () => {
  let page: EventTarget & { visibilityState: DocumentVisibilityState };
  let asked: string[];
  let answers: Record<string, ModuleListAnswer | WasiError>;
  let states: LaneStates;
  let lanes: TokenLanes;

  const phases = () =>
    [...states].map(([cluster, { phase }]) => `${cluster} ${phase}`);
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

  beforeEach(() => {
    jest.useFakeTimers();
    page = Object.assign(new EventTarget(), {
      visibilityState: 'visible' as const,
    });
    asked = [];
    answers = {};
    states = new Map();
    lanes = new TokenLanes({
      load: async cluster => {
        asked.push(cluster);
        const answer = answers[cluster] ?? empty;
        if (answer instanceof WasiError) {
          throw answer;
        }
        return answer;
      },
      onStates: now => {
        states = now;
      },
      page,
      now: Date.now,
    });
  });

  afterEach(() => {
    lanes.stop();
    jest.useRealTimers();
  });

  it('each have their own state, and none has the failure of another', async () => {
    answers.b = new WasiError('BACKEND_UNREACHABLE', { message: 'Gone.' });
    lanes.follow(['a', 'b']);
    expect(phases()).toEqual(['a loading', 'b loading']);
    await pass(0);
    expect(phases()).toEqual(['a loaded', 'b failed']);
  });

  it('are asked every ten seconds, and often while something moves', async () => {
    answers.a = { ...empty, items: [readyModule(0)] };
    answers.b = { ...empty, items: [progressingModule(0)] };
    lanes.follow(['a', 'b']);
    await pass(9_999);
    expect(asked.filter(name => name === 'a')).toHaveLength(1);
    expect(asked.filter(name => name === 'b').length).toBeGreaterThan(4);
    await pass(1);
    expect(asked.filter(name => name === 'a')).toHaveLength(2);
  });

  it('are left alone while nobody is signed in, until that has changed', async () => {
    answers.a = new WasiError('CLUSTER_TOKEN_MISSING', { message: 'None.' });
    lanes.follow(['a']);
    await pass(60_000);
    expect(asked).toEqual(['a']);

    answers.a = empty;
    lanes.refresh();
    await pass(0);
    expect(phases()).toEqual(['a loaded']);
  });

  it('are asked for no longer when they are not wanted, and go on otherwise', async () => {
    lanes.follow(['a', 'b']);
    await pass(0);
    lanes.follow(['b']);
    expect(phases()).toEqual(['b loaded']);
    asked.length = 0;
    await pass(10_000);
    expect(asked).toEqual(['b']);

    lanes.stop();
    asked.length = 0;
    await pass(60_000);
    expect(asked).toEqual([]);
  });

  it('rest while the page is hidden', async () => {
    lanes.follow(['a']);
    await pass(0);
    page.visibilityState = 'hidden';
    page.dispatchEvent(new Event('visibilitychange'));
    await pass(60_000);
    expect(asked).toEqual(['a']);
  });
});
