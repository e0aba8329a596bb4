import type {
  ClusterProblem,
  ModuleListAnswer,
  ModuleRef,
  ModuleView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { SignIn } from '../../hooks';

/** What one cluster has of an entity, or why that is not known. */
export interface Lane {
  cluster: string;
  modules: ModuleView[];
  missing: ModuleRef[];
  problems: ClusterProblem[];
  /** What its user can do to see more. */
  signIn?: SignIn;
}

/** One lane per cluster, in the order in which the answer names them. */
export function toLanes(
  answer: ModuleListAnswer,
  signIns: readonly SignIn[] = [],
): Lane[] {
  const lanes = new Map<string, Lane>();
  const laneOf = (cluster: string) => {
    const lane: Lane = lanes.get(cluster) ?? {
      cluster,
      modules: [],
      missing: [],
      problems: [],
    };
    lanes.set(cluster, lane);
    return lane;
  };
  answer.items.forEach(item => laneOf(item.ref.cluster).modules.push(item));
  answer.missing.forEach(ref => laneOf(ref.cluster).missing.push(ref));
  answer.problems
    // What belongs to no cluster is said above all lanes.
    .filter(({ cluster }) => cluster !== '')
    .forEach(problem => laneOf(problem.cluster).problems.push(problem));
  signIns.forEach(signIn => {
    laneOf(signIn.cluster).signIn = signIn;
  });
  return [...lanes.values()];
}

/** Whether there is something to see side by side. */
export function needsLanes(
  answer: ModuleListAnswer,
  signIns: readonly SignIn[],
): boolean {
  const lanes = toLanes(answer, signIns);
  return (
    lanes.length > 1 ||
    lanes.some(({ modules, missing }) => modules.length + missing.length > 1)
  );
}
