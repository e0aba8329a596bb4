import type {
  ClusterProblem,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';

/** An error of one cluster as it travels beside the others' data. @public */
export function toClusterProblem(
  cluster: string,
  error: WasiError,
): ClusterProblem {
  return {
    cluster,
    code: error.code,
    message: error.message,
    remedy: error.remedy,
  };
}
