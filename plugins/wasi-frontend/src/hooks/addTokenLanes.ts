import type {
  ClusterProblem,
  ModuleListAnswer,
  UserTokenCluster,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ModulesState } from './LiveState';
import type { LaneStates } from './TokenLanes';

/** A cluster that shows modules once its user has signed in. */
export interface SignIn {
  cluster: string;
  provider: string;
  /** No token at hand, or why the cluster does not take it. */
  error: WasiError;
}

/** The modules of an entity on all clusters, and what the user can do to see more. */
export interface EntityModules {
  state: ModulesState;
  signIns: SignIn[];
  /** A cluster that may well have some has not answered yet. */
  awaits: boolean;
}

/** Adds what clusters show to the user's own tokens to what all others have. */
export function addTokenLanes(
  state: ModulesState,
  lanes: LaneStates,
): EntityModules {
  if (state.phase !== 'loaded') {
    return { state, signIns: [], awaits: false };
  }
  const { userTokens = [], ...first } = state.answer;
  const answer: ModuleListAnswer = {
    ...first,
    items: [...first.items],
    problems: [...first.problems],
    missing: [...first.missing],
  };
  const signIns: SignIn[] = [];
  let awaits = false;
  for (const place of userTokens) {
    const lane = lanes.get(place.cluster) ?? { phase: 'loading' };
    if (lane.phase === 'loaded') {
      addLane(answer, { place, lane });
    } else if (place.expected && lane.phase === 'loading') {
      awaits = true;
    } else if (place.expected && lane.phase === 'failed') {
      const { cluster, provider } = place;
      const { error } = lane;
      if (error.code === 'CLUSTER_TOKEN_MISSING') {
        signIns.push({ cluster, provider, error });
      } else {
        answer.problems.push(toProblem(cluster, error));
      }
    }
  }
  return { state: { ...state, answer }, signIns, awaits };
}

function addLane(
  answer: ModuleListAnswer,
  {
    place,
    lane,
  }: {
    place: UserTokenCluster;
    lane: Extract<ModulesState, { phase: 'loaded' }>;
  },
): void {
  const { items, problems, missing } = lane.answer;
  answer.items.push(...items);
  answer.missing.push(...missing);
  // What is wrong where nobody looks for a module is not worth saying.
  if (place.expected || items.length > 0) {
    const said = new Set(answer.problems.map(({ message }) => message));
    answer.problems.push(
      ...problems.filter(({ message }) => !said.has(message)),
    );
    if (lane.staleBecause) {
      answer.problems.push(toProblem(place.cluster, lane.staleBecause));
    }
  }
}

function toProblem(
  cluster: string,
  { code, message, remedy }: WasiError,
): ClusterProblem {
  return { cluster, code, message, remedy };
}
